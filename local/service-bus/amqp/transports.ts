import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import type * as WebSockets from 'ws'
import { firstByte, peek } from '../firstByte.ts'
import { createServer as createHttpServer } from '../http.ts'
import { limitRequests } from '../requestDeadline.ts'
import type { ServerCertificate } from '../tls/certificate.ts'

/** Where the SDKs ask for AMQP over WebSockets, and the name of the subprotocol. */
const webSocketPath = '/$servicebus/websocket'
const subprotocol = 'AMQPWSB10'

/** Bytes of one WebSocket message: frames of AMQP are small, however large a message is. */
const maxPayload = 16 * 1024 * 1024

export interface TransportOptions {
  /** With a certificate TLS is spoken beside plain TCP. */
  readonly certificate: ServerCertificate | undefined
  /** Takes a connection that speaks AMQP, whatever carries it. */
  readonly accept: (stream: Duplex) => void
}

/**
 * Makes servers that take, on one port, AMQP over TCP, over TLS, and over WebSockets on either: the first byte tells which.
 */
export function transports({ certificate, accept }: TransportOptions): () => Server {
  const http = createHttpServer((_request, response) => {
    response
      .writeHead(426, { 'content-type': 'text/plain' })
      .end('This port speaks AMQP, also over WebSockets.\n')
  })
  limitRequests(http, 'connection')
  let upgrade: Upgrade | undefined
  http.on('upgrade', (request, socket, head) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path.replace(/\/$/, '').toLowerCase() !== webSocketPath) {
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 404 Not Found\r\n\r\n', () => socket.destroy())
      return
    }
    upgrade ??= webSocketUpgrade(accept)
    upgrade(request, socket, head)
  })
  const sortOut = (stream: Duplex) =>
    peek(stream, (byte) => {
      if (byte === firstByte.get) http.emit('connection', stream)
      else accept(stream)
    })
  const tls = certificate && createTlsServer(certificate, sortOut)
  tls?.on('tlsClientError', (_error, socket) => socket.destroy())
  return () =>
    createServer({ noDelay: true }, (socket) => {
      peek(socket, (byte) => {
        if (byte === firstByte.tlsHandshake && tls !== undefined) tls.emit('connection', socket)
        else if (byte === firstByte.get) http.emit('connection', socket)
        else accept(socket)
      })
    })
}

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** The first WebSocket loads the library, at once: its socket cannot wait. */
function webSocketUpgrade(accept: TransportOptions['accept']): Upgrade {
  const { createWebSocketStream, WebSocketServer } = createRequire(import.meta.url)('ws') as typeof WebSockets
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(subprotocol) && subprotocol,
  })
  return (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => accept(createWebSocketStream(webSocket)))
}
