import { randomUUID } from 'node:crypto'
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CosmosError, codeOf } from '../errors.ts'
import { QueryError } from '../query/index.ts'
import type { Authorisation } from './authorisation.ts'
import { type Account, dispatch } from './dispatch.ts'
import type { Disturbances } from './disturbance.ts'
import type { Request, Response } from './message.ts'

// Not imported: an import reads all that a module has, and WebSocket in it loads undici, 25 ms of the processor.
const { createServer } = process.getBuiltinModule('node:http')

export interface ServerOptions {
  readonly account: Account
  readonly authorisation: Authorisation
  readonly disturbances: Disturbances
  /** Certificate and private key (PEM), for HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** The most that a request may carry, in bytes: 2 MB, and what a batch needs around it. */
const largestBody = 2 * 1024 * 1024 + 64 * 1024

/** SDKs keep connections for minutes and do not repeat a create on one that has been closed meanwhile. */
const keepAlive = 5 * 60_000

export class CosmosServer {
  readonly #options: ServerOptions
  readonly #server: HttpServer

  constructor(options: ServerOptions) {
    this.#options = options
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse) =>
      void this.#serve(incoming, outgoing)
    // HTTPS only where it is asked for: it takes 30 ms of the processor at each start.
    this.#server = options.tls
      ? process.getBuiltinModule('node:https').createServer(options.tls, listener)
      : createServer(listener)
    this.#server.keepAliveTimeout = keepAlive
    this.#server.headersTimeout = keepAlive + 10_000
  }

  /** Answers the port. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, resolve)
    })
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const activityId = activityOf(incoming.headers['x-ms-activity-id'])
    let response: Response
    try {
      const { authorisation, disturbances } = this.#options
      const request = await readRequest(incoming)
      if (disturbances.areThere && !(await disturbances.meet(incoming))) return
      // A signature is checked at once, a token takes its time.
      const check = authorisation.check(request, Date.now())
      if (check) await check
      response = this.#answer(request, incoming.headers.host)
      disturbances.spend(response.charge)
    } catch (error) {
      if (incoming.destroyed && !incoming.complete && !(error instanceof CosmosError)) return
      response = refusal(error, activityId)
    }
    const { account } = this.#options
    account.store.afterCommit((failure) =>
      send(outgoing, failure ? refusal(failure, activityId) : response, activityId),
    )
  }

  #answer(request: Request, host: string | undefined): Response {
    const { account, tls } = this.#options
    return dispatch(request, account, `${tls ? 'https' : 'http'}://${host ?? 'localhost'}`)
  }
}

async function readRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = 'GET', url = '/' } = incoming
  const segments = segmentsOf(url)
  // Node answers a list for "set-cookie" alone, which no client sends.
  const headers = incoming.headers as Record<string, string | undefined>
  return { method, segments, headers, body: await readBody(incoming) }
}

function segmentsOf(url: string): string[] {
  const path = url.split('?', 1)[0] as string
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
  } catch {
    throw new CosmosError(400, 'The address of the request is not encoded rightly.')
  }
}

/** Rejects when the client goes away half-way. By events: an asynchronous iterator costs as much as a whole point read. */
function readBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const tooLarge = () =>
      reject(new CosmosError(413, 'Request size is too large: a request has at most 2 MB.'))
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      // The rest is read and thrown away, or the client would not come to hear the answer.
      if (size <= largestBody) chunks.push(chunk)
      else if (size > 16 * largestBody) {
        tooLarge()
        incoming.destroy()
      }
    })
    incoming.once('end', () => {
      if (size > largestBody) tooLarge()
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    })
    incoming.once('error', reject)
    incoming.once('close', () => {
      if (!incoming.complete) reject(new Error('The client went away.'))
    })
  })
}

function refusal(error: unknown, activityId: string): Response {
  if (error instanceof QueryError)
    return {
      status: 400,
      charge: 1,
      body: JSON.stringify({
        code: 'BadRequest',
        message: `Message: ${error.message}\r\nActivityId: ${activityId}`,
      }),
    }
  if (error instanceof CosmosError) {
    const { status, message, substatus, headers, charge } = error
    return {
      status,
      charge,
      headers: { ...headers, ...(substatus !== undefined && { 'x-ms-substatus': String(substatus) }) },
      ...(status !== 304 && {
        body: JSON.stringify({ code: codeOf(status), message: `${message}\r\nActivityId: ${activityId}` }),
      }),
    }
  }
  console.error(error)
  if (isWriteError(error))
    return refusal(
      new CosmosError(503, `The documents cannot be written: ${(error as Error).message}.`, { charge: 0 }),
      activityId,
    )
  const message = `A fault of this server: ${error instanceof Error ? error.message : String(error)}`
  return {
    status: 500,
    charge: 0,
    body: JSON.stringify({ code: codeOf(500), message: `${message}\r\nActivityId: ${activityId}` }),
  }
}

/** A full disk, or one that fails. */
const isWriteError = (error: unknown) =>
  [10, 13].includes(Number((error as { errcode?: unknown } | null)?.errcode) & 0xff)

function send(
  outgoing: ServerResponse,
  { status, headers, body, charge }: Response,
  activityId: string,
): void {
  if (outgoing.destroyed) return
  outgoing.writeHead(status, {
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }),
    'x-ms-activity-id': activityId,
    'x-ms-request-charge': String(charge),
    'x-ms-gatewayversion': 'version=2.0.0',
    'x-ms-serviceversion': 'version=2.14.0.0',
    'x-ms-schemaversion': '1.18',
    ...headers,
  })
  outgoing.end(body)
}

/** The client's own where it is a GUID: the .NET SDK reads it as one. */
function activityOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(given)
    ? given
    : randomUUID()
}
