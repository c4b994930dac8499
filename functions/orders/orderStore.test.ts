/** What the other services read of orders, in a database of its own. */
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dependencies, startDependencies } from '../../tests/triggers.ts'
import type { Order } from './order.ts'
import * as store from './orderStore.ts'

let cloud: Dependencies
const orders: Order[] = []
const at = (minute: number) => new Date(Date.UTC(2026, 0, 2, 3, minute)).toISOString()

const order = (minute: number, state: Order['state'], more: Partial<Order> = {}): Order => ({
  id: uuidv7(),
  number: '48219-30755',
  customerId: 'c',
  items: [{ productId: 1, name: 'Rope', quantity: 2, unitPrice: 150 }],
  total: 300,
  state,
  createdAt: at(minute),
  history: [{ state, at: at(minute) }],
  ...more,
})

beforeAll(async () => {
  cloud = await startDependencies()
  // Not in the order of their times.
  for (const minute of [3, 1, 4, 0, 2]) {
    orders.push(order(minute, 'pending'), order(minute, minute % 2 ? 'placed' : 'complete'))
  }
  for (const [n, one] of orders.entries()) await store.insertOrder(one, n === 1 ? '00-1' : undefined)
}, 60_000)
afterAll(() => cloud?.stop())

const minutes = (found: { createdAt: string }[]) =>
  found.map(({ createdAt }) => new Date(createdAt).getUTCMinutes())
async function collect<T>(work: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of work) all.push(one)
  return all
}

test('an order is stored once, and read as it was stored', async () => {
  const [one] = orders as [Order]
  expect((await store.readOrder(one.id))?.order).toEqual(one)
  expect(await store.insertOrder({ ...one, total: 1 })).toBeNull()
  expect((await store.readOrder(one.id))?.order.total).toBe(300)
  expect(await store.readOrder(uuidv7())).toBeNull()
  expect(await store.readOrder('../x')).toBeNull()
})

test('the oldest of a state come first, so many as are asked for', async () => {
  expect(minutes(await store.ordersInState('pending', 10, 1_000))).toEqual([0, 1, 2, 3, 4])
  expect(minutes(await store.ordersInState('pending', 2, 1_000))).toEqual([0, 1])
  expect(await store.ordersInState('cancelled', 10, 1_000)).toEqual([])
  expect(await store.ordersInState('pending', 10, 0)).toEqual([])
  expect(await store.countInState('pending')).toBe(5)
  expect(await store.countInState('placed')).toBe(2)
  expect(await store.countInState('cancelled')).toBe(0)
})

test('those that were placed before a time and no more are found with their traces, the oldest first', async () => {
  const before = (minute: number, limit = 10) => store.placedBefore(new Date(at(minute)), limit)
  const placed = orders
    .filter(({ state }) => state === 'placed')
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
  expect((await before(4)).map(({ id }) => id)).toEqual(placed.map(({ id }) => id))
  expect((await before(4, 1)).map(({ id }) => id)).toEqual([placed[0]?.id])
  expect((await before(3)).map(({ id }) => id)).toEqual([placed[0]?.id])
  expect((await before(4)).map(({ traceparent }) => traceparent)).toEqual([undefined, '00-1'])
})

test('the newest of a range, a customer, a number or a state come first', async () => {
  const one = order(2, 'cancelled', { customerId: 'other', number: '11111-22222' })
  await store.insertOrder(one)
  const newest = async (range: store.Range, limit = 20) => minutes(await store.newestOrders(range, limit))
  expect(await newest({ state: 'pending' })).toEqual([4, 3, 2, 1, 0])
  expect(await newest({ state: 'pending' }, 2)).toEqual([4, 3])
  expect(await newest({ state: 'pending', from: at(1), before: at(3) })).toEqual([2, 1])
  expect(await newest({ state: 'pending', until: at(1) })).toEqual([1, 0])
  expect(await newest({ from: at(4) })).toEqual([4, 4])
  expect((await store.newestOrders({ customerId: 'other' }, 20)).map(({ id }) => id)).toEqual([one.id])
  expect((await store.newestOrders({ number: '11111-22222' }, 20)).map(({ id }) => id)).toEqual([one.id])
  expect(await newest({ customerId: 'other', state: 'pending' })).toEqual([])
})

test('all orders of a range are read, with its begin and without its end', async () => {
  const of = async (from: number, before: number) =>
    minutes(await collect(store.ordersBetween(at(from), at(before)))).sort()
  expect(await of(0, 2)).toEqual([0, 0, 1, 1])
  expect(await of(3, 5)).toEqual([3, 3, 4, 4])
  expect(await of(5, 9)).toEqual([])
})

test('changes are told from a second on, the earliest first, so many as are asked for', async () => {
  const all = await store.changesSince(0, 100)
  expect(all.length).toBeGreaterThanOrEqual(10)
  const times = all.map(({ changedAt }) => changedAt)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(Math.abs((times[0] ?? 0) - Date.now() / 1_000)).toBeLessThan(120)
  expect(all[0]).toEqual({ createdAt: expect.stringMatching(/^2026-01-02T03:/), changedAt: times[0] })
  expect(await store.changesSince(0, 3)).toEqual(all.slice(0, 3))
  expect(await store.changesSince((times.at(-1) ?? 0) + 1, 100)).toEqual([])
})

test('an order takes a step from where it is, with its time, and no other', async () => {
  const one = order(0, 'pending')
  await store.insertOrder(one)
  const step = { state: 'processing', at: at(9) } as const
  expect(await store.advanceOrder(one.id, ['placed'], step)).toBe('elsewhere')
  expect(await store.advanceOrder(one.id, [], step)).toBe('elsewhere')
  const moved = await store.advanceOrder(one.id, ['placed', 'pending'], step)
  expect(moved).toMatchObject({ order: { ...one, state: 'processing', history: [...one.history, step] } })
  expect(await store.readOrder(one.id)).toEqual(moved)
  expect(await store.advanceOrder(one.id, ['pending'], step)).toBe('elsewhere')
  expect(await store.advanceOrder(uuidv7(), ['pending'], step)).toBe('absent')
  expect(await store.advanceOrder('../x', ['pending'], step)).toBe('absent')
})
