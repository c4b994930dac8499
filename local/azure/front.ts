/**
 * Azure's front door on this machine: TLS for every host name of the template, each leading to its local part. AMQP
 * (port 5671 in Azure) goes to the broker; HTTPS (443) to what answers for the host, WebSockets to the broker as well.
 */
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Certificate } from './certificate.ts'
import type { Handler } from './httpAnswers.ts'

export interface FrontOptions {
  readonly certificate: Certificate
  /** What answers over HTTPS, by host. */
  readonly sites: ReadonlyMap<string, Handler>
  /** The local port of AMQP, by host. */
  readonly brokers: ReadonlyMap<string, number>
}

export interface Front {
  /** The local port for each port of Azure. */
  readonly ports: Readonly<Record<'443' | '5671', number>>
  /** Cuts all connections to brokers, so that clients show their tokens anew. */
  dropBrokers(): void
  close(): Promise<void>
}

export async function startFront({ certificate, sites, brokers }: FrontOptions): Promise<Front> {
  const open = new Set<Duplex>()
  const toBroker = new Set<Duplex>()
  const keep = (socket: Duplex, set: Set<Duplex>) => {
    set.add(socket)
    socket.once('close', () => set.delete(socket))
  }
  /** Joins a connection with the broker's. @param first what was read of it already */
  const pipe = (socket: Duplex, port: number, first?: string | Buffer) => {
    const onward = connect(port, '127.0.0.1')
    keep(socket, toBroker)
    if (first) onward.write(first)
    socket.pipe(onward).pipe(socket)
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on('error', () => other.destroy())
      one.once('close', () => other.destroy())
    }
  }

  const web = createHttpsServer(certificate, (request, response) => {
    const site = sites.get(hostOf(request.headers.host))
    if (!site) return void response.writeHead(404).end()
    Promise.resolve(site(request, response)).catch((error: unknown) => {
      console.error(error)
      response.destroy()
    })
  })
  web.keepAliveTimeout = 300_000
  web.on('upgrade', (request, socket, head) => {
    const port = brokers.get(hostOf(request.headers.host))
    if (port === undefined) return socket.destroy()
    const { method, url, rawHeaders } = request
    const lines = Array.from({ length: rawHeaders.length / 2 }, (_, at) =>
      rawHeaders.slice(at * 2, at * 2 + 2).join(': '),
    )
    pipe(socket, port, `${method} ${url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    if (head.length) socket.unshift(head)
  })
  const amqp = createTlsServer(certificate, (socket: TLSSocket) => {
    const port = brokers.get(String(socket.servername).toLowerCase())
    if (port === undefined) socket.destroy()
    else pipe(socket, port)
  })
  for (const server of [web, amqp]) server.on('connection', (socket: Duplex) => keep(socket, open))

  return {
    ports: { '443': await listen(web), '5671': await listen(amqp) },
    dropBrokers() {
      for (const socket of toBroker) socket.destroy()
    },
    async close() {
      for (const socket of open) socket.destroy()
      await Promise.all([web, amqp].map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

const hostOf = (header = '') => header.replace(/:\d+$/, '').toLowerCase()

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}
