import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'

/** What `listen` says where a machine has no IPv6. */
const noAddress: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'])

/** Ports to try when any free one will do: it has to be free on both addresses. */
const attempts = 10

/**
 * Listens on a host, or without one on both loopback addresses, on the same port (0 takes a free one); `create` makes a
 * server for each. Rejects when the port is taken on either address: a client would reach somebody else there.
 */
export async function listenOn(
  create: () => Server,
  port: number,
  host: string | undefined,
): Promise<{ readonly servers: readonly Server[]; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const first = await listen(create(), port, host ?? '127.0.0.1')
    const chosen = (first.address() as AddressInfo).port
    if (host !== undefined) return { servers: [first], port: chosen }
    try {
      return { servers: [first, await listen(create(), chosen, '::1')], port: chosen }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (noAddress.has(code)) return { servers: [first], port: chosen }
      await new Promise((resolve) => first.close(resolve))
      if (port !== 0 || attempt === attempts) throw error
    }
  }
}

async function listen(server: Server, port: number, host: string): Promise<Server> {
  server.listen(port, host)
  await once(server, 'listening')
  return server
}
