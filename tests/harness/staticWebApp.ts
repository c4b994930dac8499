/** Serves a built web app as Azure Static Web Apps would, for measurements: compressed and with its own headers. */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from '../../local/root.ts'
import { principalHeader } from './clients.ts'

interface Config {
  globalHeaders?: Record<string, string>
  navigationFallback?: { exclude?: string[] }
  routes?: { route: string; headers?: Record<string, string> }[]
}

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Serves `APP/dist` on any free port to someone with these roles (to nobody in particular without); the API is at `api`. */
export async function serveStaticWebApp(app: string, api: string, roles: string[] = []) {
  const dist = join(root, app, 'dist')
  const config = JSON.parse(await readFile(join(dist, 'staticwebapp.config.json'), 'utf8')) as Config
  const principal = roles.length ? principalHeader(roles) : undefined

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/.auth/me') {
      const clientPrincipal = principal ? JSON.parse(Buffer.from(principal, 'base64').toString()) : null
      return send(request, response, 200, 'application/json', JSON.stringify({ clientPrincipal }))
    }
    if (pathname.startsWith('/api/')) {
      const answered = await fetch(api + pathname + search, {
        headers: principal ? { 'x-ms-client-principal': principal } : {},
      })
      const type = answered.headers.get('content-type') ?? 'application/octet-stream'
      return send(request, response, answered.status, type, Buffer.from(await answered.arrayBuffer()))
    }
    const path = normalize(pathname === '/' ? '/index.html' : pathname)
    const body = await readFile(join(dist, path)).catch(() => undefined)
    const headers = {
      ...config.globalHeaders,
      ...config.routes?.find(({ route }) => matches(route, pathname))?.headers,
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (!body && config.navigationFallback?.exclude?.some((pattern) => matches(pattern, pathname)))
      return send(request, response, 404, 'text/plain', 'Not found')
    const type = types[body ? extname(path) : '.html'] ?? 'application/octet-stream'
    send(request, response, 200, type, body ?? (await readFile(join(dist, 'index.html'))))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Static Web Apps' wildcards: `*`, and alternatives in braces. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replaceAll('.', '\\.')
    .replaceAll('*', '.*')
    .replace(/\{(.+?)\}/, (_all, ends: string) => `(${ends.replaceAll(',', '|')})`)
  return new RegExp(`^${source}$`).test(path)
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
) {
  const compressed = /text|json|svg/.test(type) && /gzip/.test(String(request.headers['accept-encoding']))
  if (compressed) response.setHeader('content-encoding', 'gzip')
  response.writeHead(status, { 'content-type': type, vary: 'accept-encoding' })
  response.end(compressed ? gzipSync(body, { level: 9 }) : body)
}
