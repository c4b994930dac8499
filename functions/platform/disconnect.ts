/**
 * Notices that the one who asked is gone before the answer was, for which the programming model has nothing. With HTTP
 * streaming the host forwards each request to a server in this process, and drops that connection when the client drops
 * its own; without it no signal ever fires, and the call goes on to its end unread (docs/ai.md, Streaming and hanging up).
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
