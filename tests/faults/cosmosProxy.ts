/** A proxy in front of the local Cosmos DB that misbehaves on demand, as a network or a busy account does. */
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * What happens to a request: `cut` drops the connection before the database sees it, `lost` after it has acted on it, so
 * that nobody knows; `slow` holds it up for a second, `silent` for good; `throttled`, `contended` (another write was under
 * way) and `unavailable` are answers of the database.
 */
export const faults = ['cut', 'lost', 'slow', 'throttled', 'silent', 'contended', 'unavailable'] as const
export type Fault = (typeof faults)[number]

/** An operation on documents, by the names of Cosmos DB's documentation. */
export interface Operation {
  container: string
  kind: 'read' | 'create' | 'upsert' | 'replace' | 'patch' | 'delete' | 'query' | 'batch'
  /** As the database answered. */
  status: number
  /** In request units, as the database answered. */
  charge: number
}

export interface CosmosProxy {
  readonly port: number
  /** The database's port. */
  target: number
  /** Undefined: all is well. */
  fault: Fault | undefined
  /** The operations that it is about; undefined: all. */
  about: Operation['kind'] | undefined
  /** What the database was asked since this was last emptied, but for what the SDK asks of account and containers. */
  operations: Operation[]
  /** Requests that each fault has met. */
  readonly met: Record<Fault, number>
  close(): Promise<void>
}

export async function startCosmosProxy(): Promise<CosmosProxy> {
  const sockets = new Set<Socket>()
  const met = Object.fromEntries(faults.map((fault) => [fault, 0])) as Record<Fault, number>

  async function handle(incoming: IncomingMessage, response: ServerResponse) {
    const fault = !proxy.about || operationOf(incoming)?.kind === proxy.about ? proxy.fault : undefined
    if (fault) met[fault]++
    if (fault === 'cut') return void incoming.socket.destroy()
    if (fault === 'throttled') return answer(response, 429, { 'x-ms-retry-after-ms': '50' })
    if (fault === 'contended') return answer(response, 449, {})
    if (fault === 'unavailable') return answer(response, 503, {})
    if (fault === 'silent') return
    if (fault === 'slow') await wait(1_000)
    const onward = forward(incoming, proxy.target)
    onward.on('error', () => incoming.socket.destroy())
    onward.on('response', (answered) => {
      const operation = operationOf(incoming)
      const charge = Number(answered.headers['x-ms-request-charge'] ?? 0)
      if (operation) proxy.operations.push({ ...operation, status: answered.statusCode ?? 0, charge })
      if (fault === 'lost') {
        answered.resume()
        return void incoming.socket.destroy()
      }
      response.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(response)
    })
  }

  const server = createServer((incoming, response) => void handle(incoming, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const proxy: CosmosProxy = {
    port: (server.address() as AddressInfo).port,
    target: 0,
    fault: undefined,
    about: undefined,
    operations: [],
    met,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  return proxy
}

function forward(incoming: IncomingMessage, port: number): ClientRequest {
  const { method, url, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers })
  incoming.pipe(onward)
  return onward
}

function operationOf({
  method = '',
  url = '',
  headers,
}: IncomingMessage): Pick<Operation, 'container' | 'kind'> | undefined {
  const container = /\/colls\/([^/]+)\/docs/.exec(url)?.[1]
  if (!container) return undefined
  const kinds = { GET: 'read', PUT: 'replace', PATCH: 'patch', DELETE: 'delete' } as const
  const posted = () =>
    headers['x-ms-documentdb-isquery'] || headers['content-type'] === 'application/query+json'
      ? 'query'
      : headers['x-ms-cosmos-is-batch-request']
        ? 'batch'
        : headers['x-ms-documentdb-is-upsert']
          ? 'upsert'
          : 'create'
  return { container, kind: kinds[method as keyof typeof kinds] ?? posted() }
}

function answer(response: ServerResponse, status: number, headers: Record<string, string>) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ code: String(status), message: 'A fault that was asked for.' }))
}
