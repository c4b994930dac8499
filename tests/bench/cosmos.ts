/**
 * What the local Cosmos DB does in a second, and how long the app's own queries take over 1,000, 10,000 and 100,000 orders:
 * `npm run bench -- cosmos [ORDERS …]`. The server runs in a process of its own, keeping its documents in a folder; beside
 * it, up to 10,000 orders, the one that it took the place of, while that is installed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Container, CosmosClient } from '@azure/cosmos'
import { choosePorts } from '../../local/cloud/ports.ts'
import { emulatorKey } from '../../local/cosmos/index.ts'
import { Catalogue } from '../../local/cosmos/resources/catalogue.ts'
import { parsePartitionKey } from '../../local/cosmos/resources/partitionKey.ts'
import { Store } from '../../local/cosmos/storage/store.ts'
import { root } from '../../local/root.ts'
import { median } from '../harness/median.ts'
import { processorTime, residentMemory } from './processUse.ts'

const states = ['placed', 'pending', 'processing', 'complete', 'cancelled']
const begin = Date.parse('2026-01-01T00:00:00Z')
const timeOf = (i: number) => new Date(begin + i * 1_000).toISOString()

/** The queries of `functions/orders/orderStore.ts` and what they ask for, of so many orders. */
const queries = (orders: number): Record<string, string> => ({
  'oldest 50 of a state': "SELECT TOP 50 * FROM c WHERE c.state = 'complete' ORDER BY c.createdAt ASC",
  'newest 50 of a customer': "SELECT TOP 50 * FROM c WHERE c.customerId = 'c7' ORDER BY c.createdAt DESC",
  'newest 50': 'SELECT TOP 50 * FROM c ORDER BY c.createdAt DESC',
  'first 50 by state': 'SELECT TOP 50 * FROM c ORDER BY c.state ASC, c.createdAt DESC',
  'stayed placed': `SELECT TOP 50 * FROM c WHERE c.state = 'placed' AND c.createdAt < '${timeOf(orders / 2)}' ORDER BY c.createdAt ASC`,
  'changed since': 'SELECT TOP 50 c.createdAt, c._ts AS changedAt FROM c WHERE c._ts >= 0 ORDER BY c._ts ASC',
  'of five minutes': `SELECT * FROM c WHERE c.createdAt >= '${timeOf(orders / 2)}' AND c.createdAt < '${timeOf(orders / 2 + 300)}'`,
})

interface Server {
  readonly name: string
  readonly child: ChildProcess
  readonly container: Container
  readonly client: CosmosClient
  /** Milliseconds from the start of the process to its first answer. */
  readonly start: number
}

export default async function bench(args: string[]): Promise<void> {
  const sizes = args.length ? args.map(Number) : [1_000, 10_000, 100_000]
  for (const size of sizes) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'))
    await fill(folder, size)
    for (const start of size > 10_000 ? [ours] : [ours, before]) {
      const server = await start(folder)
      if (!server) continue
      try {
        await round(server, size)
      } finally {
        server.client.dispose()
        server.child.kill('SIGTERM')
        await once(server.child, 'exit')
      }
    }
    await rm(folder, { recursive: true, force: true })
  }
}

async function ours(folder: string): Promise<Server> {
  const script = join(root, 'local', 'cosmos', 'cli.mjs')
  const containers = join(root, 'infra', 'cosmos.json')
  return server('ours', [
    script,
    '--port',
    '0',
    '--database',
    'store',
    '--containers',
    containers,
    '--data-dir',
    folder,
  ])
}

async function before(): Promise<Server | undefined> {
  const script = join(root, 'local', 'cosmos.ts')
  if (!existsSync(script)) return undefined
  const { cosmos: port } = await choosePorts({})
  return server('before', [script, String(port), 'store'])
}

async function server(name: string, args: string[]): Promise<Server> {
  const started = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const endpoint = line.match(/http:\S+/)?.[0]
    if (!endpoint) continue
    const start = performance.now() - started
    const client = new CosmosClient({ endpoint, key: emulatorKey })
    return { name, child, client, container: client.database('store').container('orders'), start }
  }
  throw new Error(`${name} did not start.`)
}

/** Writes the orders into a folder, past the protocol. */
async function fill(folder: string, size: number): Promise<void> {
  const { containers } = JSON.parse(await readFile(join(root, 'infra', 'cosmos.json'), 'utf8'))
  const store = new Store(folder)
  const catalogue = new Catalogue(store)
  catalogue.createDatabase({ id: 'store' })
  const { partitionKey, ...definition } = containers.find(({ id }: { id: string }) => id === 'orders')
  const { documents } = catalogue.createContainer('store', { partitionKey, ...definition })
  for (let from = 0; from < size; from += 1_000) {
    store.atomically(() => {
      for (let i = from; i < Math.min(size, from + 1_000); i++)
        documents.create(parsePartitionKey(JSON.stringify([idOf(i)]), partitionKey), order(i), {}, false)
    })
    await new Promise((resolve) => setImmediate(resolve))
  }
  store.close()
}

const order = (i: number) => ({
  id: idOf(i),
  customerId: `c${i % 500}`,
  state: states[i % 5] as string,
  createdAt: timeOf(i),
  items: Array.from({ length: 3 }, (_, n) => ({ productId: n + 1, quantity: 2, price: 9.99 })),
})

async function round({ name, child, container, start }: Server, size: number): Promise<void> {
  // The server of before has nothing yet; ours is warmed up by as many.
  const first = name === 'before' ? 0 : size
  const warm = name === 'before' ? size : 1_000
  await rate(warm, (i) => container.items.create(order(first + i)))
  const create = await rate(operations, (i) => container.items.create(order(first + warm + i)))
  const read = await rate(operations, (i) => container.item(idOf(i % size), idOf(i % size)).read())
  const patch = await rate(operations, (i) => {
    const operations = [{ op: 'set' as const, path: '/note', value: i }]
    return container
      .item(idOf(i % size), idOf(i % size))
      .patch({ condition: "FROM c WHERE c.state != 'x'", operations })
  })
  console.log(
    `${name}, ${size} orders: start ${start.toFixed(0)} ms; 32 at once: create ${create}/s, point read ${read}/s, ` +
      `conditional patch ${patch}/s; memory ${(await residentMemory(child.pid)).toFixed(0)} MB`,
  )
  for (const [what, query] of Object.entries(queries(size))) {
    const { first, cost, wait } = await timed(child, () => container.items.query(query).fetchAll())
    console.log(`  ${what}: first ${first} ms, then ${wait} ms, ${cost} ms of the server's processor`)
  }
}

/** How often each of the single operations is measured. */
const operations = 1_000

const idOf = (i: number) => `order-${String(i).padStart(8, '0')}`

/** Operations a second, 32 at once. */
async function rate(count: number, operation: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const started = performance.now()
  const worker = async () => {
    for (let i = next++; i < count; i = next++) await operation(i)
  }
  await Promise.all(Array.from({ length: 32 }, worker))
  return Math.round(count / ((performance.now() - started) / 1000))
}

/** The first call, the median of fifty once it is warm, and the processor time of one of them. */
async function timed(child: ChildProcess, operation: () => Promise<unknown>) {
  const time = async () => {
    const started = performance.now()
    await operation()
    return performance.now() - started
  }
  const first = await time()
  for (let i = 0; i < 20; i++) await time()
  const begun = await processorTime(child.pid)
  const times: number[] = []
  for (let i = 0; i < 50; i++) times.push(await time())
  const cost = ((await processorTime(child.pid)) - begun) / times.length
  return { first: first.toFixed(1), wait: median(times).toFixed(1), cost: cost.toFixed(2) }
}
