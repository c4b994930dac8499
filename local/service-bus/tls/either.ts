import { createServer, type Server, type Socket } from 'node:net'
import { firstByte, peek } from '../firstByte.ts'

/**
 * A server that takes both kinds of clients on one port: what begins with a TLS handshake goes to one listener, anything
 * else to the other. Nothing has been read from the socket that they get.
 */
export function eitherServer(listeners: {
  readonly plain: (socket: Socket) => void
  readonly tls: ((socket: Socket) => void) | undefined
}): Server {
  return createServer({ noDelay: true }, (socket) => {
    const { plain, tls } = listeners
    if (tls === undefined) plain(socket)
    else peek(socket, (byte) => (byte === firstByte.tlsHandshake ? tls : plain)(socket))
  })
}
