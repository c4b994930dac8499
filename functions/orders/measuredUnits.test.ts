/**
 * What the local Cosmos DB charges for the app's own operations: the column "here" of `docs/request-units.md`. It goes by
 * the rules of `local/cosmos/charges`, so a change of a query, an index or a document shows there.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Order } from '@store/contract'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../../local/root.ts'
import { call, quietContext, startWatchedDependencies } from '../../tests/triggers.ts'
import { getSummary } from '../analytics/analytics.functions.ts'
import { countOrders } from '../analytics/countOrders.ts'
import { fetchOrders, makeOrders, updateOrder } from '../makeline/makeline.functions.ts'
import { republishOrders } from '../makeline/republishOrders.ts'
import { getProduct, listProducts } from '../products/products.functions.ts'
import { newOrderNumber } from './orderNumber.ts'
import { insertOrder } from './orderStore.ts'
import { listOrders, placeOrder, trackOrder } from './orders.functions.ts'

let cloud: Awaited<ReturnType<typeof startWatchedDependencies>>
beforeAll(async () => {
  cloud = await startWatchedDependencies()
}, 60_000)
afterAll(() => cloud?.stop())

/** What an operation was charged, in all. */
async function chargeOf(act: () => Promise<unknown>): Promise<number> {
  cloud.proxy.operations = []
  await act()
  return cloud.proxy.operations.reduce((sum, { charge }) => sum + charge, 0)
}

const items = [1, 5, 7].map((productId) => ({ productId, quantity: 2 }))
const place = async () =>
  (await call(placeOrder, { body: { customerId: 'customer-42', items } })).body as Order

/** Orders of a day, one customer's, as they are stored; a third of them is complete. */
async function fill(day: string): Promise<void> {
  const lines = items.map(({ productId, quantity }) => ({
    productId,
    name: `Product number ${productId}`,
    quantity,
    unitPrice: 999,
  }))
  await Promise.all(
    Array.from({ length: 120 }, (_, n) => {
      const createdAt = new Date(Date.parse(day) + n * 720_000).toISOString()
      const state = n % 3 ? ('pending' as const) : ('complete' as const)
      const history = [{ state, at: createdAt }]
      const order = {
        id: uuidv7(),
        number: newOrderNumber(),
        customerId: 'customer-42',
        items: lines,
        total: 5994,
      }
      return insertOrder({ ...order, state, createdAt, history })
    }),
  )
}

test('the page tells what is charged here', async () => {
  // The catalogue, its first reading, and the secret of the ids are paid for once a process.
  await call(listProducts)
  await place()
  const here = new Map<string, number>()
  const measure = async (step: string, act: () => Promise<unknown>) => here.set(step, await chargeOf(act))

  await measure('catalogue, product, cart', () => call(listProducts))
  expect(await chargeOf(() => call(getProduct, { params: { id: '1' } }))).toBe(
    here.get('catalogue, product, cart'),
  )
  const priced = here.get('catalogue, product, cart') ?? 0
  let order = {} as Order
  const placed = await chargeOf(async () => {
    order = await place()
  })
  here.set('price the basket', priced)
  here.set('place', placed - priced)
  await measure('take into the line', () => makeOrders([{ orderId: order.orderId }], quietContext()))
  await measure('complete', () =>
    call(updateOrder, { method: 'PUT', body: { orderId: order.orderId, status: 1, state: 'complete' } }),
  )
  const life = ['price the basket', 'place', 'take into the line', 'complete']
  here.set(
    '**placed → pending → complete**, without the count',
    life.reduce((sum, step) => sum + (here.get(step) ?? 0), 0),
  )
  await measure("the customer's order, each time it is asked for, also for a 304", () =>
    call(trackOrder, { params: { orderId: order.orderId } }),
  )

  await fill('2026-03-02T00:00:00Z')
  const later = new Date(Date.now() + 3_600_000)
  await countOrders(later)
  await measure('pending orders, a page of orders', () =>
    call(listOrders, { query: { state: 'pending', limit: '50' } }),
  )
  await measure('the orders of one customer, or of one number', () =>
    call(listOrders, { query: { customerId: 'customer-42', limit: '25' } }),
  )
  await measure("the demo's `order/fetch`, of 80 orders", () => call(fetchOrders))
  await measure('dashboard, a day of 24 hours with orders', () =>
    call(getSummary, { query: { from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z' } }),
  )
  await measure('the republisher', () => republishOrders(new Date('2026-01-01T00:00:00Z')))
  await measure('the hourly count', () => countOrders(later))
  expect(Object.fromEntries(await pageFigures())).toEqual(
    Object.fromEntries([...here].map(([step, charge]) => [step, charge.toFixed(1).replace('.0', '')])),
  )
})

/** The column "here" of the page's tables, by the first column; without the rows in which it is empty. */
async function pageFigures(): Promise<[string, string][]> {
  const page = await readFile(join(root, 'docs', 'request-units.md'), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('|'))
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()))
  return cells
    .filter((row) => row.length === 6 && row[1] !== '' && !/^(here|-+|)$/.test(row[4] ?? ''))
    .map(([, step = '', , , here = '']) => [step, here])
}
