import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dependencies, startDependencies } from '../../tests/triggers.ts'

let dependencies: Dependencies
let simulate: typeof import('./simulate.ts')
let listOrders: typeof import('../orders/listOrders.ts').listOrders
let acceptOrder: typeof import('../orders/moveOrder.ts').acceptOrder

beforeAll(async () => {
  dependencies = await startDependencies()
  simulate = await import('./simulate.ts')
  ;({ listOrders } = await import('../orders/listOrders.ts'))
  ;({ acceptOrder } = await import('../orders/moveOrder.ts'))
}, 60_000)
afterAll(() => dependencies?.stop())

const atOnce = async () => {}
const orders = async () => (await listOrders({ limit: 50 })).orders
const states = async () => Object.groupBy(await orders(), ({ state }) => state)

test('customers place the orders of a tick once however often it comes, and the worker makes them in its own time', async () => {
  const now = new Date()
  expect(await simulate.placeOrdersOfTick(now, 360, atOnce)).toEqual({ done: 6, failed: [] })
  expect(await simulate.placeOrdersOfTick(now, 360, atOnce)).toEqual({ done: 6, failed: [] })
  expect((await states()).placed).toHaveLength(6)

  for (const { id } of await orders()) await acceptOrder(id)
  const first = await simulate.workOneTick(now, 240, atOnce)
  expect(first).toEqual({ made: { done: 0, failed: [] }, begun: { done: 4, failed: [] } })
  const begun = (await states()).processing?.map(({ id }) => id).sort()

  const soon = await simulate.workOneTick(new Date(now.getTime() + 1_000), 60, atOnce)
  expect(soon).toEqual({ made: { done: 0, failed: [] }, begun: { done: 1, failed: [] } })
  expect((await states()).pending).toHaveLength(1)

  const later = await simulate.workOneTick(new Date(now.getTime() + 300_000), 60, atOnce)
  expect(later.made).toEqual({ done: 5, failed: [] })
  expect((await states()).complete?.map(({ id }) => id)).toEqual(expect.arrayContaining(begun ?? ['none']))
  expect((await states()).processing).toHaveLength(1)
})
