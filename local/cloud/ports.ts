/** The ports of the local cloud. */
import { createServer } from 'node:net'

/** Each server of the local cloud: what people call it, and the port that `npm start` gives it. */
export const servers = {
  store: { title: 'Store', port: 4280 },
  admin: { title: 'Admin', port: 4281 },
  console: { title: 'Console', port: 4282 },
  api: { title: 'Functions host', port: 7071 },
  'service-bus': { title: 'Service Bus', port: 5672 },
  'service-bus-admin': { title: 'Service Bus administration', port: 5300 },
  cosmos: { title: 'Cosmos DB', port: 8081 },
  blob: { title: 'Blob Storage', port: 10_000 },
  openai: { title: 'Models (stand-in)', port: 11_435 },
} as const

export type ServerName = keyof typeof servers
export type Ports = Record<ServerName, number>

export const serverNames = Object.keys(servers) as ServerName[]

/** The ports that are known by heart: what `npm start` uses. */
export const fixedPorts = Object.fromEntries(serverNames.map((name) => [name, servers[name].port])) as Ports

/** Ports that somebody else listens on. */
export class PortsTakenError extends Error {
  override name = 'PortsTakenError'
  readonly taken: [ServerName, number][]

  constructor(taken: [ServerName, number][]) {
    super(taken.map(([name, port]) => `Port ${port} (${servers[name].title}) is taken.`).join('\n'))
    this.taken = taken
  }
}

/**
 * Settles every port: one that is asked for must be free, for the others any free one is chosen.
 * @throws {PortsTakenError} naming every port that was asked for and is taken.
 */
export async function choosePorts(wanted: Partial<Ports>): Promise<Ports> {
  const asked = (Object.entries(wanted) as [ServerName, number][]).filter(([, port]) => port !== 0)
  const free = await Promise.all(asked.map(([, port]) => isFree(port)))
  const taken = asked.filter((_, index) => !free[index])
  if (taken.length) throw new PortsTakenError(taken)

  const ports: Partial<Ports> = Object.fromEntries(asked)
  for (const name of serverNames) ports[name] ??= await freePort(Object.values(ports))
  return ports as Ports
}

/**
 * Any free port, below the range from which operating systems take ports for outgoing connections: no connection
 * can have taken it when the server is started a second time.
 */
async function freePort(except: number[]): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (!except.includes(port) && (await isFree(port))) return port
  }
}

async function isFree(port: number) {
  const tries = await Promise.all(['127.0.0.1', '::1'].map((host) => tryListening(port, host)))
  return tries.every((code) => code !== 'EADDRINUSE' && code !== 'EACCES')
}

/** Listens for a moment; answers the code of the error, if there was one. */
function tryListening(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
