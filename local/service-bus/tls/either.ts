import { createServer, type Server, type Socket } from 'node:net'

/** The first byte of a TLS connection: the content type of a handshake. */
const handshake = 22

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
    if (tls === undefined) {
      plain(socket)
      return
    }
    const giveUp = () => socket.destroy()
    socket.on('error', giveUp)
    socket.once('data', (chunk: Buffer) => {
      socket.pause()
      socket.off('error', giveUp)
      socket.unshift(chunk)
      if (chunk[0] === handshake) tls(socket)
      else plain(socket)
      process.nextTick(() => socket.resume())
    })
  })
}
