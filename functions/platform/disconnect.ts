/**
 * Notices that the one who asked is gone before the answer was. The Functions programming model for Node has nothing
 * for this: its request carries no signal, and nobody tells the worker that an invocation was cancelled.
 *
 * With HTTP streaming (`app.setup({ enableHttpStream: true })`), however, the host forwards each request to a plain
 * HTTP server inside this process, with the invocation's id in a header, and drops that connection when the client
 * drops its own. Node announces every request that any of its servers gets on a diagnostics channel; from there this
 * module knows which connection belongs to which invocation. Without streaming there is no such connection: then a
 * signal never fires, and the call goes on to its end unread.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'

const exchanges = new Map<IncomingMessage, ServerResponse>()

/** Starts to keep track of the requests that are being answered. Call it once, before the host sends the first. */
export function watchConnections(): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    exchanges.set(request, response)
    response.once('close', () => exchanges.delete(request))
  })
}

/** A signal that fires when the client of an invocation closes its connection before it has the whole answer. */
export function disconnected(invocationId: string): AbortSignal {
  const controller = new AbortController()
  for (const [request, response] of exchanges) {
    if (request.headers['x-ms-invocation-id'] !== invocationId) continue
    if (response.closed) controller.abort()
    else response.once('close', () => response.writableFinished || controller.abort())
  }
  return controller.signal
}
