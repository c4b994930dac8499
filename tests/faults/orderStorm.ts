/**
 * Orders in a storm: customers place them, and take some back, with retries under one key each, and employees complete
 * some, while the Functions host, the broker and Cosmos DB are killed at random moments and come back with what they
 * have kept, and the way to Cosmos DB misbehaves. Then all is well
 * again, and what is left must be exact.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type AnalyticsSummary, type OrderState, orderStates } from '@store/contract'
import { createAdminClient } from '@store/contract/admin-client'
import { ApiError } from '@store/contract/client'
import { type LocalCloud, startLocalCloud } from '../../local/cloud/cloud.ts'
import { clientsOf, principalHeader } from '../harness/clients.ts'
import { queuedMessages, storedOrders } from '../harness/inside.ts'
import { until } from '../harness/until.ts'
import { type CosmosProxy, type Fault, faults, startCosmosProxy } from './cosmosProxy.ts'

/** What is killed, in turn. */
const victims = ['host', 'service-bus', 'cosmos'] as const

export interface StormOptions {
  /** Orders to place, and kills to suffer meanwhile, at least. */
  orders: number
  kills: number
  concurrency: number
  /** Seconds from one kill to the next, at most; half as long at least. */
  killEvery: number
  /** Decides what happens when. */
  seed: number
  onProgress?: (text: string) => void
}

export interface StormReport {
  seconds: number
  kills: Record<(typeof victims)[number], number>
  cosmosFaults: Record<Fault, number>
  accepted: number
  cancelled: number
  completed: number
  /** Answers of the API, or none, that made a customer try again. */
  retries: number
  /** What is not as it must be; empty when all is. */
  wrong: string[]
}

export async function orderStorm(options: StormOptions): Promise<StormReport> {
  const begin = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'storm-'))
  const proxy = await startCosmosProxy()
  try {
    const cloud = await startCloud(proxy, folder)
    try {
      return { ...(await storm(cloud, proxy, options)), seconds: (performance.now() - begin) / 1000 }
    } finally {
      await cloud.stop()
    }
  } finally {
    await proxy.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The local cloud with the proxy in the way, parts that keep their data, and locks that a dead host soon loses. */
async function startCloud(proxy: CosmosProxy, folder: string): Promise<LocalCloud> {
  const config = await readFile(new URL('../../infra/service-bus.json', import.meta.url), 'utf8')
  const serviceBusConfig = join(folder, 'config.json')
  await writeFile(serviceBusConfig, config.replaceAll('"LockDuration": "PT1M"', '"LockDuration": "PT5S"'))
  const sample = JSON.parse(
    await readFile(new URL('../../local.settings.sample.json', import.meta.url), 'utf8'),
  ) as { Values: Record<string, string> }
  const cloud = await startLocalCloud({
    serviceBusConfig,
    dataFolder: join(folder, 'data'),
    settings: {
      REPUBLISH_SCHEDULE: '*/2 * * * * *',
      CosmosConnection: (sample.Values.CosmosConnection ?? '').replace(
        'localhost:8081',
        `127.0.0.1:${proxy.port}`,
      ),
    },
  })
  proxy.target = cloud.ports.cosmos
  return cloud
}

async function storm(
  cloud: LocalCloud,
  proxy: CosmosProxy,
  options: StormOptions,
): Promise<Omit<StormReport, 'seconds'>> {
  const random = randomFrom(options.seed)
  const kills = { host: 0, 'service-bus': 0, cosmos: 0 }
  const goesOn = (orders: number) =>
    orders < options.orders || kills.host + kills['service-bus'] + kills.cosmos < options.kills
  let raging = true

  const strike = async () => {
    for (let turn = 0; raging; turn++) {
      await wait(options.killEvery * 500 * (1 + random()))
      if (!raging) break
      const part = victims[turn % victims.length] as (typeof victims)[number]
      await cloud.kill(part)
      kills[part]++
      await wait(500 * random())
      await cloud.start(part)
    }
  }
  const disturb = async () => {
    for (let turn = 0; raging; turn++) {
      await wait(500 + 1_000 * random())
      proxy.fault = faults[turn % faults.length]
      await wait(300 + 1_200 * random())
      proxy.fault = undefined
    }
  }

  const disturbances = Promise.all([strike(), disturb()])
  const { retries, ...traded } = await trade(cloud, goesOn, options)
  raging = false
  await disturbances
  options.onProgress?.('the storm is over')
  const wrong = await inspect(cloud, traded)
  return {
    accepted: traded.placed.size,
    cancelled: traded.cancelled.size,
    completed: traded.completed.size,
    retries,
    kills,
    cosmosFaults: proxy.met,
    wrong,
  }
}

interface Traded {
  /** The numbers of the orders that were accepted, by their ids. */
  placed: Map<string, number>
  cancelled: Set<string>
  completed: Set<string>
}

/** Customers place orders and take every seventh back, employees complete another seventh; each tries until it is done. */
async function trade(
  cloud: LocalCloud,
  goesOn: (orders: number) => boolean,
  { concurrency, onProgress }: StormOptions,
) {
  const { customer } = clientsOf(cloud.urls)
  const employee = employeeOf(cloud)
  const { placed, cancelled, completed }: Traded = {
    placed: new Map(),
    cancelled: new Set(),
    completed: new Set(),
  }
  const work: Promise<void>[] = []
  let retries = 0
  let next = 0

  /** A lost connection and a 5xx are worth another try, a refusal is not, but for one with `passing`. */
  async function insist<T>(what: string, ask: () => Promise<T>, passing?: number): Promise<T> {
    const deadline = Date.now() + 120_000
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        const refused = error instanceof ApiError && error.status < 500 && error.status !== passing
        if (refused || Date.now() > deadline) throw new Error(`In vain: ${what}`, { cause: error })
        retries++
        await wait(100)
      }
    }
  }

  /** Until it is in the line nobody can complete it: 409. */
  async function complete(orderId: string, number: number) {
    await insist(`order ${number} is completed`, () => employee.orders.setStatus({ orderId, status: 2 }), 409)
    completed.add(orderId)
  }

  const client = async () => {
    while (goesOn(next)) {
      const number = next++
      const key = randomUUID()
      const order = {
        customerId: `customer-${number}`,
        items: [{ productId: 1 + (number % 9), quantity: 1 + (number % 3) }],
      }
      const { orderId } = await insist(`order ${number} is accepted`, () => customer.orders.place(order, key))
      placed.set(orderId, number)
      if (placed.size % 100 === 0) onProgress?.(`${placed.size} orders are placed`)
      if (number % 7 === 6) {
        await insist(`order ${number} is cancelled`, () => customer.orders.cancel(orderId))
        cancelled.add(orderId)
      }
      if (number % 7 === 3) work.push(complete(orderId, number))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
  await Promise.all(work)
  return { placed, cancelled, completed, retries }
}

/** Waits until nothing moves any more and compares what is left with what must be. */
async function inspect(cloud: LocalCloud, { placed, cancelled, completed }: Traded): Promise<string[]> {
  const wrong: string[] = []
  const must = (right: boolean, text: string) => {
    if (!right) wrong.push(text)
  }
  const settings = { ...cloud.settings, CosmosConnection: direct(cloud) }
  const stored = () => storedOrders(settings)
  await until(
    'every order is made',
    async () => (await stored()).every(({ state }) => state !== 'placed'),
    90,
  ).catch((error: Error) => wrong.push(error.message))
  await until('the queue is empty', async () => (await queuedMessages(settings)).length === 0, 120).catch(
    (error: Error) => wrong.push(error.message),
  )

  const orders = await stored()
  const known = new Set(orders.map(({ id }) => id))
  must(placed.size === new Set(placed.values()).size, 'two orders were accepted for one number')
  for (const [id, number] of placed) must(known.has(id), `order ${number} (${id}) was accepted and is lost`)
  for (const { id, customerId, state, history } of orders) {
    must(placed.has(id), `order ${id} of ${customerId} was never answered`)
    const states = history.map((step) => step.state).join(' ')
    const lives = cancelled.has(id)
      ? ['placed cancelled', 'placed pending cancelled']
      : [completed.has(id) ? 'placed pending complete' : 'placed pending']
    must(lives.includes(states) && states.endsWith(state), `order ${id} is ${state} after ${states}`)
  }

  const employee = employeeOf(cloud)
  const { deadLetters } = await employee.makeline.deadLetters()
  for (const letter of deadLetters) wrong.push(`dead letter: ${letter.reason}, ${letter.description}`)
  const dead = await queuedMessages(settings, 'deadLetter')
  must(dead.length === 0, `${dead.length} messages are in the broker's dead-letter queue`)

  const recount = JSON.stringify(count(orders))
  const figures = async () => {
    const { from: _, to: __, series: ___, ...rest } = await employee.analytics.summary()
    return JSON.stringify(rest)
  }
  // Figures may be some minutes old when there was much to count.
  await until(`the figures are ${recount}`, async () => (await figures()) === recount, 310).catch(
    async (error: Error) => wrong.push(`${error.message}; they are ${await figures()}`),
  )
  return wrong
}

/** What the dashboard is to show of these orders, counted in the plainest way. */
function count(
  orders: Awaited<ReturnType<typeof storedOrders>>,
): Omit<AnalyticsSummary, 'from' | 'to' | 'series'> {
  const kept = orders.filter(({ state }) => state !== 'cancelled')
  const inState = (wanted: OrderState) => orders.filter(({ state }) => state === wanted).length
  const sold = kept.flatMap(({ items }) => items)
  const products = [...new Set(sold.map(({ productId }) => productId))].map((productId) => {
    const lines = sold.filter((line) => line.productId === productId)
    const cents = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)
    const quantity = lines.reduce((sum, line) => sum + line.quantity, 0)
    return { productId, name: lines[0]?.name ?? '', quantity, revenue: cents / 100 }
  })
  const times = kept
    .filter(({ state }) => state === 'complete')
    .map(({ createdAt, history }) => Date.parse(history.at(-1)?.at ?? '') - Date.parse(createdAt))
  return {
    orders: kept.length,
    revenue: kept.reduce((sum, { total }) => sum + total, 0) / 100,
    ordersByStatus: Object.fromEntries(orderStates.map((state) => [state, inState(state)])) as Record<
      OrderState,
      number
    >,
    topProducts: products.sort((a, b) => b.revenue - a.revenue || a.productId - b.productId).slice(0, 10),
    meanSecondsToComplete: times.length
      ? times.reduce((sum, time) => sum + time, 0) / times.length / 1000
      : null,
  }
}

const employeeOf = (cloud: LocalCloud) =>
  createAdminClient({
    baseUrl: cloud.urls.api,
    headers: { 'x-ms-client-principal': principalHeader(['admin']) },
  })

/** The way to the database around the proxy. */
const direct = (cloud: LocalCloud) =>
  (cloud.settings.CosmosConnection ?? '').replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${cloud.ports.cosmos}`)

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
