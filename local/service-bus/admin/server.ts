import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Server as PortServer, Socket } from 'node:net'
import type { Access } from '../access.ts'
import type { Broker } from '../broker.ts'
import { Failure, type FailureReason } from '../engine/failure.ts'
import { createServer } from '../http.ts'
import { listenOn } from '../listen.ts'
import { limitRequests } from '../requestDeadline.ts'
import type { ServerCertificate } from '../tls/certificate.ts'
import { eitherServer } from '../tls/either.ts'
import { errorDocument } from './atom.ts'
import type { AdminRequest, Answer } from './operations.ts'

export interface AdminServerOptions {
  readonly broker: Broker
  readonly access: Access
  /** Bytes of the largest message, where an entity does not say. */
  readonly maxMessageSize: number
  /** With a certificate the port takes HTTPS beside HTTP. */
  readonly certificate?: ServerCertificate | undefined
}

/** Bytes that the body of a request may have. */
const maxBody = 1024 * 1024

/** The answers of the service to what it refuses. */
const statuses: Partial<Record<FailureReason, number>> = {
  'entity-already-exists': 409,
  'entity-not-found': 404,
  'quota-exceeded': 403,
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Payload Too Large',
}

/**
 * The administration API of Service Bus: entities and rules as Atom documents over HTTP, to read, create, change and
 * delete. Requests are signed as those to the service are; `/health` is open to all. `POST /$reset` is the broker's own:
 * everything out.
 */
export class AdminServer {
  readonly #options: AdminServerOptions
  readonly #ports: PortServer[] = []
  readonly #plain: Server
  readonly #secure: Server | undefined
  readonly #sockets = new Set<Socket>()
  readonly #startedAt = new Date()

  constructor(options: AdminServerOptions) {
    this.#options = options
    const answer = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response)
    this.#plain = createServer(answer)
    limitRequests(this.#plain, 'connection')
    if (options.certificate === undefined) return
    this.#secure = createSecureServer({ ...options.certificate }, answer)
    limitRequests(this.#secure, 'secureConnection')
  }

  /** Resolves with the port once requests are answered; without a host on both loopback addresses. */
  async listen(port: number, host: string | undefined): Promise<number> {
    const listening = await listenOn(() => this.#createPort(), port, host)
    this.#ports.push(...listening.servers)
    return listening.port
  }

  async close(): Promise<void> {
    for (const server of [this.#plain, this.#secure]) server?.closeAllConnections()
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(this.#ports.map((port) => new Promise((resolve) => port.close(resolve))))
  }

  #createPort(): PortServer {
    const secure = this.#secure
    const server = eitherServer({
      plain: (socket) => this.#plain.emit('connection', socket),
      tls: secure && ((socket) => secure.emit('connection', socket)),
    })
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    return server
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/health') {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"healthy"}')
      return
    }
    readText(request).then(
      async (body) => {
        const answer = await this.#respond(request, body)
        // What was changed is kept, and those who are connected have heard of it, before it is acknowledged.
        this.#options.broker.afterCommit(() => afterWrites(() => send(response, answer)))
      },
      (error) => {
        send(response, failure(413, error instanceof Error ? error.message : String(error)))
        request.destroy()
      },
    )
  }

  async #respond(request: IncomingMessage, body: string): Promise<Answer> {
    const base = `${'encrypted' in request.socket ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`
    if (!URL.canParse(request.url ?? '/', base)) return failure(400, 'The URL is not valid.')
    const url = new URL(request.url ?? '/', base)
    const path = decode(url.pathname).replace(/^\/+|\/+$/g, '')
    if (!(await this.#isAuthorized(request.headers.authorization ?? '', path)))
      return failure(401, 'The token is missing or invalid.')
    const { broker, maxMessageSize } = this.#options
    if (request.method === 'POST' && path.toLowerCase() === '$reset') {
      broker.reset()
      return { status: 204, body: '' }
    }
    const asked: AdminRequest = {
      method: request.method ?? 'GET',
      url,
      path,
      isUpdate: request.headers['if-match'] !== undefined,
      body,
    }
    // Only who is asked pays for loading what reads XML: the start stays quick.
    const { perform } = await import('./operations.ts')
    try {
      return perform(asked, broker, { baseUrl: url.origin, startedAt: this.#startedAt, maxMessageSize })
    } catch (error) {
      if (!(error instanceof Failure)) return failure(500, 'The broker failed.')
      return failure(statuses[error.reason] ?? 400, error.message)
    }
  }

  async #isAuthorized(header: string, path: string): Promise<boolean> {
    const { access, broker } = this.#options
    const result = await access.authorize(header.replace(/^Bearer /i, ''), broker.now())
    return !('refused' in result) && access.allows(result, path, 'Manage')
  }
}

/** Calls back once what AMQP connections wrote in this turn of the event loop is on its way. */
function afterWrites(callback: () => void): void {
  setImmediate(() => setImmediate(callback))
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/atom+xml;type=entry;charset=utf-8' }).end(body)
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > maxBody) throw new Error(`The body of a request has at most ${maxBody} bytes.`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Clients look for the sub-code in the text. */
function failure(status: number, detail: string): Answer {
  const text = status < 500 ? `SubCode=${status}00. ${reasons[status] ?? ''}. ${detail}` : detail
  return { status, body: errorDocument(status, text) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
