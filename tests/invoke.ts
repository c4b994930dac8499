/** Calls the app's handlers in this process, as the Functions host would, with the local cloud's Cosmos DB and storage behind them. */
import { type HttpHandler, type HttpMethod, HttpRequest, InvocationContext } from '@azure/functions'
import { startLocalCloud } from '../local/cloud/cloud.ts'

/**
 * Starts Cosmos DB and Blob Storage and puts their addresses into this process's environment, where the app finds them
 * when it is first imported: import its modules after this.
 */
export async function startBackingServices(settings: Record<string, string> = {}) {
  const cloud = await startLocalCloud({ parts: ['cosmos', 'blob'], settings })
  Object.assign(process.env, cloud.settings)
  return cloud
}

export interface Call {
  params?: Record<string, string>
  query?: Record<string, string>
  headers?: Record<string, string>
  /** Sent as JSON, but for bytes, which are sent as they are. */
  body?: unknown
}

/** The header by which Static Web Apps says who is signed in. */
export const signedIn = (...roles: string[]) => ({
  'x-ms-client-principal': Buffer.from(
    JSON.stringify({ identityProvider: 'github', userId: 'u1', userDetails: 'ann', userRoles: roles }),
  ).toString('base64'),
})

/** Calls a handler as a signed-in employee, unless `headers` say otherwise, and answers what a client would get. */
export async function invoke(handler: HttpHandler, method: HttpMethod, call: Call = {}): Promise<Response> {
  const { params = {}, query = {}, body } = call
  const isBytes = body instanceof Uint8Array
  const headers = {
    ...signedIn('admin'),
    ...(body === undefined || isBytes ? {} : { 'content-type': 'application/json' }),
    ...call.headers,
  }
  const bytes = isBytes ? body : new TextEncoder().encode(JSON.stringify(body))
  const request = new HttpRequest({
    method,
    url: 'http://localhost/api/x',
    headers,
    params,
    query,
    ...(body === undefined ? {} : { body: { bytes } }),
  })
  const answer = await handler(request, new InvocationContext({ logHandler: () => {} }))
  if (!answer || answer instanceof Response) throw new Error('The handler answered with something else')
  const {
    status = 200,
    headers: answerHeaders,
    jsonBody,
    body: answerBody,
  } = answer as {
    status?: number
    headers?: Record<string, string>
    jsonBody?: unknown
    body?: string | Uint8Array<ArrayBuffer>
  }
  const content = jsonBody === undefined ? (answerBody ?? null) : JSON.stringify(jsonBody)
  return new Response(status === 304 ? null : content, { status, headers: answerHeaders ?? {} })
}
