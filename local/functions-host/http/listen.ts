/** Listening on loopback under both of its addresses: `localhost` means either. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, createServer, Server as NetServer } from 'node:net'

export interface Listener {
  port: number
  /** Stops accepting connections; those that are open stay. */
  stop(): void
}

/**
 * Lets `server` listen on `host`, or on both loopback addresses where `host` is `localhost`.
 * @param port 0 for any free one.
 */
export async function listen(server: Server, host: string, port: number): Promise<Listener> {
  if (host !== 'localhost') {
    await listening(server, host, port)
    return { port: (server.address() as AddressInfo).port, stop: () => stopAccepting(server) }
  }
  for (let attempt = 1; ; attempt++) {
    await listening(server, '127.0.0.1', port)
    const actual = (server.address() as AddressInfo).port
    // Where the machine has no IPv6 the first address is enough.
    const second = createServer((socket) => server.emit('connection', socket))
    try {
      await listening(second, '::1', actual)
      return {
        port: actual,
        stop() {
          stopAccepting(server)
          stopAccepting(second)
        },
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE') return { port: actual, stop: () => stopAccepting(server) }
      server.close()
      await once(server, 'close')
      if (port !== 0 || attempt === 10) throw error
    }
  }
}

/** What `close` of an HTTP server does, but for its end of idle connections. */
function stopAccepting(server: NetServer): void {
  NetServer.prototype.close.call(server)
}

async function listening(server: NetServer, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}
