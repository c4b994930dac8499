import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus'
import { afterEach, vi } from 'vitest'
import { type ServiceBus, type ServiceBusOptions, startServiceBus } from '../index.ts'

// A loaded machine is slow, not wrong.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs when the test is over, whatever its outcome. */
export function afterTest(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup)
}

/** A configuration in the emulator's format. */
export function configOf(queues: Record<string, object>, topics: object[] = []): object {
  return {
    UserConfig: {
      Namespaces: [
        {
          Name: 'sbemulatorns',
          Queues: Object.entries(queues).map(([Name, Properties]) => ({ Name, Properties })),
          Topics: topics,
        },
      ],
    },
  }
}

/** A broker on a free port that ends with the test. */
export async function startBus(options: ServiceBusOptions = {}): Promise<ServiceBus> {
  const bus = await startServiceBus({ port: 0, ...options })
  afterTest(() => bus.close())
  return bus
}

/** A client of the SDK, with short retries, that ends with the test. */
export function connect(connectionString: string, options: ServiceBusClientOptions = {}): ServiceBusClient {
  const client = new ServiceBusClient(connectionString, {
    retryOptions: { retryDelayInMs: 100, maxRetries: 2, timeoutInMs: 20_000 },
    ...options,
  })
  afterTest(() => client.close())
  return client
}

/** A broker with these queues, and a client of it. */
export async function busWith(queues: Record<string, object>, topics: object[] = []) {
  const bus = await startBus({ config: configOf(queues, topics) })
  return { bus, client: connect(bus.connectionString) }
}

/** Polls until `probe` returns something, for at most 30 seconds. */
export async function eventually<T>(probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const result = await probe()
    if (result !== undefined) return result
    if (Date.now() > deadline) throw new Error('it did not happen within 30 seconds')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A TCP proxy in front of a port whose connections can be cut as a network would cut them. */
export async function cuttableProxy(target: number): Promise<{ port: number; cut(): void }> {
  const { createServer } = await import('node:net')
  const sockets = new Set<Socket>()
  const server = createServer((inside) => {
    const outside = createConnection(target, '127.0.0.1')
    for (const socket of [inside, outside]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        inside.destroy()
        outside.destroy()
      })
    }
    inside.pipe(outside).pipe(inside)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  afterTest(async () => {
    cut()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, cut }
}
