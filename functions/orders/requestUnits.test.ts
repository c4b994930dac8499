/**
 * What an order asks of the database from its placing to its end, priced as in `docs/request-units.md`: Microsoft's
 * figures for documents of up to 1 KB.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storedOrders } from '../../tests/harness/inside.ts'
import { call, quietContext, startWatchedDependencies } from '../../tests/triggers.ts'
import { makeOrders, updateOrder } from '../makeline/makeline.functions.ts'
import { placeOrder } from './orders.functions.ts'

let cloud: Awaited<ReturnType<typeof startWatchedDependencies>>
beforeAll(async () => {
  cloud = await startWatchedDependencies()
  // The catalogue and the secret of the ids are read once a process.
  await live([2])
}, 60_000)
afterAll(() => cloud?.stop())

const requestUnits = { read: 1, create: 5.5, upsert: 11, replace: 11, patch: 11, delete: 5.5 }
/** Once the hour is over, each order is read in a count of it. */
const counting = 1

/** Takes an order of three lines through its life: placed, made, then these statuses. */
async function live(statuses: number[]) {
  cloud.proxy.operations = []
  const items = [1, 5, 7].map((productId) => ({ productId, quantity: 2 }))
  const headers = { 'idempotency-key': crypto.randomUUID() }
  const { body } = await call(placeOrder, { body: { customerId: 'customer-42', items }, headers })
  await makeOrders([{ orderId: body.orderId }], quietContext())
  for (const status of statuses)
    await call(updateOrder, { method: 'PUT', body: { orderId: body.orderId, status } })
  return { orderId: body.orderId as string, operations: cloud.proxy.operations }
}

const cost = (operations: { kind: string }[]) =>
  operations.reduce((sum, { kind }) => sum + (requestUnits[kind as keyof typeof requestUnits] ?? Infinity), 0)

test('an order that is placed, made and completed costs at most 30 request units', async () => {
  const { operations } = await live([2])
  expect(operations.map(({ kind, container }) => `${kind} ${container}`)).toEqual([
    'read products',
    'create orders',
    'patch orders',
    'patch orders',
  ])
  expect(cost(operations) + counting).toBeLessThanOrEqual(30)
})

test('so does one of the demo, whose clients end it with status 1; another step is one more patch', async () => {
  const demo = await live([1])
  expect(cost(demo.operations) + counting).toBeLessThanOrEqual(30)
  const { operations } = await live([1, 2])
  expect(operations.map(({ kind }) => kind)).toEqual([...demo.operations.map(({ kind }) => kind), 'patch'])
})

test('its document is small enough for these prices', async () => {
  const { orderId } = await live([1, 2])
  const document = (await storedOrders(cloud.settings)).find(({ id }) => id === orderId)
  expect(document).toMatchObject({ state: 'complete' })
  expect(JSON.stringify(document).length).toBeLessThan(1_024)
})
