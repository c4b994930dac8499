/** The console's HTTP server: telemetry comes in at `/v1`, what is known of it goes out at `/api`, all else is the page. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HttpError } from './http/errors.ts'
import { refusalOf } from './http/guard.ts'
import { targetOf } from './http/target.ts'
import { costOf, prices } from './prices.ts'
import { Telemetry, traceFilters } from './telemetry.ts'

// Not imported: an import reads all that a module has, and WebSocket in it loads undici, 25 ms of the processor.
const { createServer } = process.getBuiltinModule('node:http')

/** What a route answers; undefined: 204. */
export type Route = (parameter: string, request: IncomingMessage, query: URLSearchParams) => unknown

/** `GET /api/traces` and the like; one that ends in `/*` has a parameter there. */
export type Routes = Record<string, Route>

export interface ConsoleOptions {
  /** 0 or none: any free one. */
  port?: number
  telemetry?: Telemetry
  /** Beside those of telemetry. */
  routes?: Routes
  /** Answers what is no route: the page's files. */
  files?: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

export interface Console {
  readonly port: number
  /** Without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

/** Starts the console in this process, on loopback only. Rejects when the port is taken. */
export async function startConsole(options: ConsoleOptions = {}): Promise<Console> {
  const { telemetry = new Telemetry(), files } = options
  const routes: Routes = { ...telemetryRoutes(telemetry), ...options.routes }
  let port = 0

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const refusal = refusalOf(request, port)
    if (refusal) throw new HttpError(403, refusal)
    const { path, query } = targetOf(request)
    if (path.startsWith('/v1/')) return serveTelemetry(path, request, response)
    if (!path.startsWith('/api/')) {
      if (files) return files(request, response)
      throw new HttpError(404, `There is no ${path}.`)
    }
    const [route, parameter] = find(routes, request.method ?? 'GET', path)
    const answer = await route(parameter, request, query)
    if (answer === undefined) response.writeHead(204).end()
    else send(response, 200, 'application/json', answer)
  }

  async function serveTelemetry(path: string, request: IncomingMessage, response: ServerResponse) {
    // Loaded once something comes: the start of the local cloud need not wait for it.
    const { isSignalPath, receive, refusalFor } = await import('./otlp/receive.ts')
    if (!isSignalPath(path)) throw new HttpError(404, `There is no ${path}.`)
    if (request.method !== 'POST') throw new HttpError(405, 'Telemetry is sent with POST.')
    try {
      const { type, body } = await receive(path, request, telemetry)
      response.writeHead(200, { 'content-type': type }).end(body)
    } catch (error) {
      const refusal = error instanceof HttpError && refusalFor(request, error.message)
      if (!refusal) throw error
      response
        .writeHead(error.status, { 'content-type': refusal.type, ...headersOf(error.status, request) })
        .end(refusal.body)
    }
  }

  const server = createServer((request, response) => {
    response.on('error', () => {})
    serve(request, response).catch((error: unknown) => {
      // Whoever asked has gone away meanwhile. One whose request is refused half-way waits for the answer.
      if (!(error instanceof HttpError) && request.destroyed && !request.complete) return
      if (!(error instanceof HttpError)) console.error(error)
      if (response.headersSent) return response.destroy()
      const status = error instanceof HttpError ? error.status : 500
      const detail = error instanceof HttpError ? error.message : 'The console failed; the terminal says why.'
      for (const [name, value] of Object.entries(headersOf(status, request))) response.setHeader(name, value)
      send(response, status, 'application/problem+json', { type: 'about:blank', status, detail })
    })
  })
  // A request that never ends must not hold the place of another for long.
  server.requestTimeout = 30_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  port = (server.address() as AddressInfo).port
  return {
    port,
    url: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const telemetryRoutes = (telemetry: Telemetry): Routes => ({
  'GET /api/traces': (_, __, query) => {
    const limit = Number(query.get('limit') ?? 100)
    const filter = traceFilters.find((name) => name === (query.get('of') ?? 'all'))
    if (!Number.isInteger(limit) || limit < 1)
      throw new HttpError(400, 'limit is a whole number from 1 on; more than 500 are never answered.')
    if (!filter) throw new HttpError(400, `of is one of ${traceFilters.join(', ')}.`)
    return telemetry.list(Math.min(limit, 500), filter)
  },
  'GET /api/traces/*': (id) => {
    const trace = telemetry.find(id)
    if (!trace) throw new HttpError(404, 'This trace is not known, or not any more.')
    return { ...trace, cost: costOf(trace.spans), prices }
  },
  'GET /api/metrics': () => ({ metrics: telemetry.metrics }),
})

/** When to come again, and that what is left of a refused body is not waited for. */
const headersOf = (status: number, request: IncomingMessage): Record<string, string> => ({
  ...(status === 503 && { 'retry-after': '1' }),
  ...(!request.complete && { connection: 'close' }),
})

function find(routes: Routes, method: string, path: string): [Route, string] {
  const exact = routes[`${method} ${path}`]
  if (exact) return [exact, '']
  const cut = path.lastIndexOf('/')
  const route = routes[`${method} ${path.slice(0, cut)}/*`]
  if (!route) throw new HttpError(404, `There is no ${method} ${path}.`)
  try {
    return [route, decodeURIComponent(path.slice(cut + 1))]
  } catch {
    throw new HttpError(400, 'The address has an escape that stands for nothing.')
  }
}

function send(response: ServerResponse, status: number, type: string, body: unknown) {
  response
    .writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(JSON.stringify(body))
}
