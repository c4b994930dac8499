/** Many orders at once, and a Functions host that dies among them: each order is made, and made once. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ApiError } from '@store/contract/client'
import { expect, onTestFinished, test } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { clientsOf } from '../harness/clients.ts'
import { ownCloud } from '../harness/cloud.ts'
import { queuedMessages, storedOrders } from '../harness/inside.ts'
import { until } from '../harness/until.ts'

const orderCount = 200
const concurrency = 20

test('200 orders at concurrency 20 are each made exactly once', async () => {
  const cloud = await ownCloud()
  const placed = await placeOrders(cloud)
  await expectMadeOnce(cloud, placed)
})

test('so are they when the Functions host is killed in the middle and started again', async () => {
  const cloud = await ownCloud({
    settings: { REPUBLISH_SCHEDULE: '*/2 * * * * *' },
    serviceBusConfig: await withShortLocks(),
  })
  let killed = false
  const placed = await placeOrders(cloud, async (count) => {
    if (count !== orderCount / 2) return
    killed = true
    await cloud.kill('host')
    await cloud.start('host')
  })
  expect(killed).toBe(true)
  await expectMadeOnce(cloud, placed)
})

/** The queue as it is, but what a dead host had locked is free again after seconds instead of a minute. */
async function withShortLocks() {
  const folder = await mkdtemp(join(tmpdir(), 'service-bus-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const config = await readFile('infra/service-bus.json', 'utf8')
  const file = join(folder, 'config.json')
  await writeFile(file, config.replace('"LockDuration": "PT1M"', '"LockDuration": "PT5S"'))
  return file
}

/**
 * Places all orders, as clients do that try again with the same key until they are answered.
 * @param onPlaced is told how many are accepted, after each.
 * @returns the ids that the API answered.
 */
async function placeOrders(
  cloud: LocalCloud,
  onPlaced?: (count: number) => Promise<void>,
): Promise<string[]> {
  const { customer } = clientsOf(cloud.urls)
  const ids: string[] = []
  let next = 0
  const client = async () => {
    while (next < orderCount) {
      const number = next++
      const key = randomUUID()
      const order = {
        customerId: `customer-${number}`,
        items: [{ productId: 1 + (number % 9), quantity: 1 }],
      }
      const { orderId } = await until(`order ${number} is accepted`, () =>
        customer.orders.place(order, key).catch(tryAgain),
      )
      ids.push(orderId)
      await onPlaced?.(ids.length)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
  return ids
}

/** A lost connection and a 5xx are worth another try, a refusal is not. */
async function tryAgain(error: unknown) {
  if (error instanceof ApiError && error.status < 500) throw error
  await wait(100)
  return null
}

async function expectMadeOnce(cloud: LocalCloud, placed: string[]) {
  expect(new Set(placed).size).toBe(orderCount)
  const { customer } = clientsOf(cloud.urls)
  const orders = await until('every stored order is made', async () => {
    const stored = await storedOrders(cloud.settings)
    return stored.length >= orderCount && stored.every(({ state }) => state === 'pending') && stored
  })

  // What was accepted is what is stored: none lost, none twice, none besides.
  expect(orders.map(({ id }) => id).sort()).toEqual([...placed].sort())
  expect(new Set(orders.map(({ customerId }) => customerId)).size).toBe(orderCount)
  for (const { history } of orders) expect(history.map(({ state }) => state)).toEqual(['placed', 'pending'])

  await until('the queue is empty', async () => (await queuedMessages(cloud.settings)).length === 0)
  expect(await queuedMessages(cloud.settings, 'deadLetter')).toEqual([])
  expect((await customer.orders.track(placed[0] ?? ''))?.value.state).toBe('pending')
}
