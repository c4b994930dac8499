/**
 * What an order asks of the database from its placing to its end, priced as in `docs/request-units.md`: Microsoft's
 * figures for documents of up to 1 KB.
 */
import { type OrderState, statusCodes } from '@store/contract'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storedOrders } from '../../tests/harness/inside.ts'
import { call, quietContext, startWatchedDependencies } from '../../tests/triggers.ts'
import { makeOrders, updateOrder } from '../makeline/makeline.functions.ts'
import { newOrderNumber } from './orderNumber.ts'
import { insertOrder, ordersInState } from './orderStore.ts'
import { placeOrder } from './orders.functions.ts'

let cloud: Awaited<ReturnType<typeof startWatchedDependencies>>
beforeAll(async () => {
  cloud = await startWatchedDependencies()
  // The catalogue and the secret of the ids are read once a process.
  await live(['complete'])
}, 60_000)
afterAll(() => cloud?.stop())

const requestUnits = { read: 1, create: 5.5, upsert: 11, replace: 11, patch: 11, delete: 5.5 }
/** Once the hour is over, each order is read in a count of it. */
const counting = 1

/** Takes an order of three lines through its life: placed, made, then these statuses. */
async function live(states: OrderState[]) {
  cloud.proxy.operations = []
  const items = [1, 5, 7].map((productId) => ({ productId, quantity: 2 }))
  const headers = { 'idempotency-key': crypto.randomUUID() }
  const { body } = await call(placeOrder, { body: { customerId: 'customer-42', items }, headers })
  await makeOrders([{ orderId: body.orderId }], quietContext())
  for (const state of states)
    await call(updateOrder, {
      method: 'PUT',
      body: { orderId: body.orderId, status: statusCodes[state], state },
    })
  return { orderId: body.orderId as string, operations: cloud.proxy.operations }
}

const cost = (operations: { kind: string }[]) =>
  operations.reduce((sum, { kind }) => sum + (requestUnits[kind as keyof typeof requestUnits] ?? Infinity), 0)

test('an order that is placed, made and completed costs at most 30 request units', async () => {
  const { operations } = await live(['complete'])
  expect(operations.map(({ kind, container }) => `${kind} ${container}`)).toEqual([
    'read products',
    'create orders',
    'patch orders',
    'patch orders',
  ])
  expect(cost(operations) + counting).toBeLessThanOrEqual(30)
})

test('so does one that is only begun; another step is one more patch', async () => {
  const begun = await live(['processing'])
  expect(cost(begun.operations) + counting).toBeLessThanOrEqual(30)
  const { operations } = await live(['processing', 'complete'])
  expect(operations.map(({ kind }) => kind)).toEqual([...begun.operations.map(({ kind }) => kind), 'patch'])
})

test('a look at the orders that wait ends with its budget, and with its number', async () => {
  const items = [{ productId: 1, name: 'n', quantity: 1, unitPrice: 1 }]
  for (let n = 0; n < 150; n++) {
    const createdAt = new Date(n).toISOString()
    const order = {
      id: uuidv7(),
      number: newOrderNumber(),
      customerId: 'c',
      items,
      total: 1,
      state: 'pending' as const,
      createdAt,
    }
    await insertOrder({ ...order, history: [] })
  }
  const look = async (limit: number, requestUnits: number) =>
    (await ordersInState('pending', limit, requestUnits)).map(({ createdAt }) => createdAt)
  const all = await look(1_000, Number.POSITIVE_INFINITY)
  expect(all.length).toBeGreaterThanOrEqual(150)
  expect(all).toEqual(all.toSorted())
  expect(await look(1_000, 0.1)).toEqual(all.slice(0, 100))
  expect(await look(3, Number.POSITIVE_INFINITY)).toEqual(all.slice(0, 3))
})

test('its document is small enough for these prices', async () => {
  const { orderId } = await live(['processing', 'complete'])
  const document = (await storedOrders(cloud.settings)).find(({ id }) => id === orderId)
  expect(document).toMatchObject({ state: 'complete' })
  expect(JSON.stringify(document).length).toBeLessThan(1_024)
})
