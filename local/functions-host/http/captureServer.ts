/**
 * The server of HTTP streaming. The programming model opens one of its own and waits there for the request of each
 * invocation; the real host proxies to it. In one process the requests can be handed to that server directly, without a
 * network between.
 */
import type { Server } from 'node:http'
import { http } from './http.ts'

/** Runs `start` and answers the HTTP server that it wanted to open, if it did. That server never reaches the network. */
export async function captureServer(start: () => Promise<unknown>): Promise<Server | undefined> {
  const { prototype } = http.Server
  const { listen } = prototype
  let server: Server | undefined
  prototype.listen = function (this: Server, ...args: unknown[]) {
    server ??= this
    this.address = () => ({ address: '127.0.0.1', family: 'IPv4', port: 80 })
    const listening = args.findLast((arg) => typeof arg === 'function')
    if (listening) queueMicrotask(() => listening.call(this))
    return this
  } as typeof listen
  try {
    await start()
    return server
  } finally {
    prototype.listen = listen
  }
}
