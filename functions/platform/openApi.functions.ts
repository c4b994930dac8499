import type { HttpHandler } from '@azure/functions'
import { config } from './config.ts'
import { open } from './http.ts'

/** GET /api/openapi.json and GET /api/docs, of the functions that this instance has registered by then. */
export function describeApi(registered: ReadonlyMap<string, unknown>): {
  openApi: HttpHandler
  apiPage: HttpHandler
} {
  const describe = async () =>
    (await import('./openApi.ts')).openApi(new Set(registered.keys()), config().version)
  return {
    openApi: open(async () => ({ jsonBody: await describe() })),
    apiPage: open(async () => ({
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      },
      body: (await import('./openApiPage.ts')).openApiPage(await describe()),
    })),
  }
}
