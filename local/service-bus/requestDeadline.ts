import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** How long a client may take to send a request whole, in milliseconds. */
const requestTimeout = 30_000

/**
 * Cuts clients off that leave a request half sent. `node:http` does so only in servers that listen themselves, and those
 * of the broker are handed their connections by who found out what is spoken on them.
 */
export function limitRequests(server: Server, connectionEvent: 'connection' | 'secureConnection'): void {
  const timers = new WeakMap<Duplex, NodeJS.Timeout>()
  const stop = (socket: Duplex) => clearTimeout(timers.get(socket))
  const start = (socket: Duplex) => {
    stop(socket)
    timers.set(
      socket,
      setTimeout(() => socket.destroy(), requestTimeout),
    )
  }
  server.on(connectionEvent, (socket: Duplex) => {
    start(socket)
    socket.once('close', () => stop(socket))
  })
  server.on('request', (request, response) => {
    const { socket } = request
    request.once('end', () => stop(socket))
    // The next request of the connection has as much time.
    response.once('finish', () => {
      if (!socket.destroyed) start(socket)
    })
  })
  server.on('upgrade', (_request, socket) => stop(socket))
}
