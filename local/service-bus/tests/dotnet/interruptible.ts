import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServiceBus } from '../../index.ts'

const queues = ['restarted', 'away'].map((Name) => ({ Name, Properties: {} }))
const config = { UserConfig: { Namespaces: [{ Name: 'interruptible', Queues: queues }] } }

export interface Interruptible {
  readonly connectionString: string
  /** `POST` to it interrupts the broker; the answer comes once it is there again. */
  readonly control: string
  close(): Promise<void>
}

/**
 * A broker of its own, with a data directory, for scenarios that interrupt it: each time all connections are cut, and a
 * new broker takes the port over.
 */
export async function startInterruptible(): Promise<Interruptible> {
  const dataDir = await mkdtemp(join(tmpdir(), 'interruptible-'))
  let bus = await startServiceBus({ port: 0, config, dataDir })
  const { port, connectionString } = bus
  let interruptions = Promise.resolve()
  const interrupt = async (away: number) => {
    await bus.close()
    await new Promise((resolve) => setTimeout(resolve, away))
    bus = await startServiceBus({ port, config, dataDir })
  }
  const server = createServer((request, response) => {
    const away = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('away') ?? 0)
    interruptions = interruptions.then(() => interrupt(away))
    interruptions.then(
      () => response.end(),
      (error) => response.writeHead(500).end(String(error)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    connectionString,
    control: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      server.close()
      await bus.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
