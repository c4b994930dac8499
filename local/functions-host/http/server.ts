/** The HTTP face of the host: routes to functions, CORS, keys, the host's own pages. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { HostFunction } from '../functions.ts'
import type { Invoker } from '../invoke.ts'
import type { Logger } from '../log.ts'
import type { TraceContext } from '../rpc.ts'
import type { LocalHostSettings } from '../settings.ts'
import type { AdminPages } from './admin.ts'
import { sendResponse } from './answer.ts'
import { applyCors } from './cors.ts'
import { forward } from './forward.ts'
import { http } from './http.ts'
import type { FunctionKeys } from './keys.ts'
import { type Listener, listen } from './listen.ts'
import { HttpError, readRequest, requestUrl } from './messages.ts'
import { createRouter, type Route } from './route.ts'
import type { StreamGate } from './streaming.ts'

export interface HttpServer {
  port: number
  /**
   * Stops accepting; resolves when the last answer is out, or after `limit` milliseconds, when it cuts what is left.
   * Connections without a request are left open for `linger` milliseconds, for a request may be on its way on them: it
   * is passed on to the host that took over, and the connection closes with the answer.
   */
  drain(limit: number, linger: number): Promise<void>
}

export interface HttpServerOptions {
  host: string
  port: number
  routes: Route<HostFunction>[]
  invoker: Invoker
  logger: Logger
  local: LocalHostSettings
  /** Headers of every answer. */
  customHeaders: Record<string, string>
  admin: AdminPages
  /** Undefined: keys are not checked. */
  keys: FunctionKeys | undefined
  /** Present when the app streams HTTP. */
  stream: StreamGate | undefined
}

/** Those of the real host's web server: bytes of all headers, and how long an idle connection is kept. */
const limits = { maxHeaderSize: 32_768, keepAliveTimeout: 130_000 }

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { invoker, logger, admin, keys, stream } = options
  const route = createRouter(options.routes)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = requestUrl(request)
    if (applyCors(options.local, request, response)) return
    const path = url.pathname
    if (/%00/.test(path)) throw new HttpError(400, 'The path holds %00.')
    const matched = route(request.method ?? 'GET', path)
    if (!matched) {
      if (await admin(request, response, url, keys)) return
      request.resume()
      sendEmpty(response, 404)
      return
    }
    const { target: fn, params } = matched
    if (keys && !keys.allow(fn, request, url)) {
      request.resume()
      sendEmpty(response, 401)
      return
    }
    const reason = 'This function was programmatically called via the host APIs.'
    const traceContext = readTrace(request)
    if (stream) {
      await stream.invoke(fn, { request, response, url, params, reason, traceContext })
      return
    }
    const http = await readRequest(request, url, params)
    const answer = await invoker.invoke(fn, {
      data: { http },
      reason,
      ...(traceContext && { traceContext }),
    })
    if (response.destroyed) return
    const broken = sendResponse(request, response, answer)
    if (broken) say(request, broken)
  }

  function say(request: IncomingMessage, sentence: string) {
    logger.write('warning', 'Host.Http', `${request.method} ${request.url}: ${sentence}`)
  }

  const customHeaders = Object.entries(options.customHeaders)
  const server = http.createServer(limits, (request, response) => {
    response.on('error', () => {})
    for (const [name, value] of customHeaders) response.setHeader(name, value)
    open++
    response.once('close', () => {
      open--
      if (open === 0) drained?.()
    })
    if (replaced) return forward(request, response)
    if (draining) response.setHeader('connection', 'close')
    serve(request, response).catch((error: unknown) => {
      if (error instanceof HttpError) say(request, error.message)
      if (response.headersSent || response.destroyed) return response.destroy()
      for (const name of response.getHeaderNames()) {
        if (!/^(access-control-.*|vary|connection)$/.test(name)) response.removeHeader(name)
      }
      // What is left of the body is not worth reading.
      if (!request.complete) response.setHeader('connection', 'close')
      return sendEmpty(response, error instanceof HttpError ? error.status : 500)
    })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    return undefined
  })

  let open = 0
  let draining = false
  let replaced = false
  let drained: (() => void) | undefined
  const listener: Listener = await listen(server, options.host, options.port)
  server.on('error', (error) => logger.write('error', 'Host.Http', error.message))

  return {
    port: listener.port,
    async drain(limit, linger) {
      draining = true
      replaced = linger > 0
      listener.stop()
      if (linger > 0) await setTimeout(linger)
      server.closeIdleConnections()
      if (open > 0) {
        await new Promise<void>((resolve) => {
          drained = resolve
          void setTimeout(limit, undefined, { ref: false }).then(resolve)
        })
      }
      server.closeAllConnections()
      // Ends what node:http does behind the scenes; it no longer listens.
      server.close(() => {})
    },
  }
}

/** An answer without a body, and that says so. */
function sendEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end()
}

function readTrace(request: IncomingMessage): TraceContext | undefined {
  const { traceparent, tracestate } = request.headers
  if (typeof traceparent !== 'string') return undefined
  return {
    traceParent: traceparent,
    traceState: typeof tracestate === 'string' ? tracestate : '',
    attributes: {},
  }
}
