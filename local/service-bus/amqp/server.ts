import type { Server, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Access } from '../access.ts'
import type { Broker } from '../broker.ts'
import type { QueueEntity } from '../engine/namespace.ts'
import { listenOn } from '../listen.ts'
import { signatureFor } from '../sharedAccess.ts'
import type { ServerCertificate } from '../tls/certificate.ts'
import { ClientConnection } from './connection.ts'
import { Dispatcher } from './dispatcher.ts'
import { FrameGuard, isHeader } from './guard.ts'
import { watchOpen } from './opening.ts'
import rhea, { type Connection } from './rhea.ts'
import { offerMechanisms } from './sasl.ts'
import { transports } from './transports.ts'

/** How long a connection that was opened with a key may do what the key allows: as long as it lasts. */
const plainFor = 365 * 86_400_000

const maxFrameSize = 65536
const idleTimeout = 60_000

/** How long a connection may take to say what it is. */
const handshakeTimeout = 30_000

/** How long a client that is cut off may take to read what it was sent before. */
const farewellTimeout = 5_000

/** Bytes of answers that may wait for a client that does not read; after that the broker does not read it either. */
const maxUnread = 16 * 1024 * 1024

export interface AmqpServerOptions {
  readonly broker: Broker
  readonly access: Access
  readonly maxMessageSize: number
  /** With a certificate the port takes TLS beside plain TCP. */
  readonly certificate?: ServerCertificate | undefined
  /** Takes a line on each connection that opens, closes or is refused something. */
  readonly log?: ((line: string) => void) | undefined
}

/** Serves a broker over AMQP 1.0. */
export class AmqpServer {
  readonly #options: AmqpServerOptions
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #clients = new Set<ClientConnection>()
  readonly #dispatchers = new Map<string, Dispatcher>()
  #connections = 0
  readonly #container = rhea.create_container({ id: 'local-service-bus' })

  constructor(options: AmqpServerOptions) {
    this.#options = options
    options.broker.onEntityChange((entity) => {
      for (const client of this.#clients) client.review(entity)
    })
    // What a client does wrong ends its connection; nobody else needs to hear of it.
    for (const event of ['error', 'protocol_error', 'connection_error', 'session_error', 'disconnected']) {
      this.#container.on(event, () => {})
    }
  }

  /** Resolves with the port once connections are accepted; without a host on both loopback addresses. */
  async listen(port: number, host: string | undefined): Promise<number> {
    const { certificate } = this.#options
    const create = transports({ certificate, accept: (stream) => this.#accept(stream) })
    const tracked = () => {
      const server = create()
      server.on('connection', (socket) => {
        this.#sockets.add(socket)
        socket.once('close', () => this.#sockets.delete(socket))
      })
      return server
    }
    const listening = await listenOn(tracked, port, host)
    this.#servers.push(...listening.servers)
    return listening.port
  }

  /** Cuts all connections off and stops listening. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)))
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(closed)
  }

  #accept(stream: Duplex): void {
    const connection = this.#container.create_connection({
      max_frame_size: maxFrameSize,
      channel_max: 8191,
      idle_time_out: idleTimeout,
      autoaccept: false,
      credit_window: 0,
      receiver_options: { autoaccept: false, credit_window: 0 },
      sender_options: { autosettle: false, treat_modified_as_released: false },
    })
    const number = ++this.#connections
    const log = (line: string) => this.#options.log?.(`connection ${number}: ${printable(line)}`)
    const client = new ClientConnection(connection, {
      ...this.#options,
      log,
      dispatcher: (entity) => this.#dispatcher(entity),
    })
    this.#clients.add(client)
    watchOpen(connection)
    offerMechanisms(connection, this.#container, (name, key) => this.#authenticate(client, name, key))
    const cut = () => {
      log('cut off: what came is not AMQP 1.0 as it should be')
      stream.removeAllListeners('data')
      stream.end(() => stream.destroy())
      setTimeout(() => stream.destroy(), farewellTimeout).unref()
    }
    guardInput(connection, stream, cut)
    const processEvents = connection._process.bind(connection)
    connection._process = () => {
      try {
        processEvents()
      } catch {
        cut()
      }
    }
    const handshake = setTimeout(() => stream.destroy(), handshakeTimeout)
    let isOpen = false
    connection.on('connection_open', () => {
      clearTimeout(handshake)
      isOpen = true
      log(`opened by '${connection.container_id}'${productOf(connection)}`)
    })
    stream.on('drain', () => client.resume())
    stream.once('close', () => {
      clearTimeout(handshake)
      this.#clients.delete(client)
      client.close()
      connection._disconnected()
      log(isOpen ? 'closed' : 'closed before it was opened')
    })
    batchWrites(stream)
    connection.accept(stream)
  }

  /** SASL PLAIN, as for clients that know no tokens: the name of a key, and the key. */
  #authenticate(client: ClientConnection, name: string, key: string): Promise<boolean> {
    const expires = this.#options.broker.now() + plainFor
    return client.authenticate(signatureFor({ name, key }, expires))
  }

  #dispatcher(entity: QueueEntity): Dispatcher {
    let dispatcher = this.#dispatchers.get(entity.path)
    if (dispatcher?.entity !== entity) {
      dispatcher = new Dispatcher(entity, this.#options.broker)
      this.#dispatchers.set(entity.path, dispatcher)
    }
    return dispatcher
  }
}

/** What a client says of itself, such as `, azure-sdk-for-js 7.9.5`; nothing when it does not. */
function productOf({ properties }: Connection): string {
  const { product, version } = properties ?? {}
  return product === undefined ? '' : `, ${String(product)} ${String(version ?? '')}`.trimEnd()
}

/** Clients choose names: none may write a line of its own. */
function printable(line: string): string {
  return line.replace(/\p{C}/gu, '\ufffd').slice(0, 500)
}

/** Lets rhea see nothing but whole, well-formed frames, and cuts a client off that sends anything else. */
function guardInput(connection: Connection, socket: Duplex, cut: () => void): void {
  const guard = new FrameGuard(maxFrameSize)
  const read = connection.input.bind(connection)
  const isTaken = (piece: Buffer) => {
    try {
      read(piece)
    } catch {
      return false
    }
    return connection.saved_error === undefined && (connection.frame_size ?? 0) <= maxFrameSize
  }
  let pieces: Buffer[] = []
  const readPieces = () => {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      if (!isTaken(piece)) {
        pieces = []
        cut()
        return
      }
      const [next] = pieces
      // rhea finishes a SASL exchange a moment later; only then does it know what the next header means.
      if (next !== undefined && isHeader(next, 0)) {
        setImmediate(readPieces)
        return
      }
    }
  }
  connection.input = (chunk) => {
    try {
      const isWaiting = pieces.length > 0
      pieces = [...pieces, ...guard.pass(chunk)]
      if (!isWaiting) readPieces()
      if (socket.writableLength > maxUnread) {
        socket.pause()
        socket.once('drain', () => socket.resume())
      }
    } catch {
      cut()
    }
  }
}

/** Sockets that hold back what was written to them in this turn of the event loop. */
const corked = new Set<Duplex>()

function uncorkAll(): void {
  const sockets = [...corked]
  corked.clear()
  for (const socket of sockets) socket.uncork()
}

/** Hands what is written in one turn of the event loop to the system in one go. */
function batchWrites(socket: Duplex): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  socket.write = ((...args: unknown[]) => {
    if (!corked.has(socket) && !socket.destroyed) {
      if (corked.size === 0) setImmediate(uncorkAll)
      corked.add(socket)
      socket.cork()
    }
    return write(...args)
  }) as typeof socket.write
}
