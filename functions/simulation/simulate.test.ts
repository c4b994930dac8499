import { ServiceBusClient } from '@azure/service-bus'
import Long from 'long'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dependencies, quietContext, startDependencies } from '../../tests/triggers.ts'

let dependencies: Dependencies
let bus: ServiceBusClient
let app: typeof import('./simulate.ts') & typeof import('./simulation.functions.ts')
let listOrders: typeof import('../orders/listOrders.ts').listOrders
let move: typeof import('../orders/moveOrder.ts')

beforeAll(async () => {
  dependencies = await startDependencies()
  bus = new ServiceBusClient(dependencies.settings.ServiceBusConnection ?? '')
  app = { ...(await import('./simulate.ts')), ...(await import('./simulation.functions.ts')) }
  ;({ listOrders } = await import('../orders/listOrders.ts'))
  move = await import('../orders/moveOrder.ts')
}, 60_000)
afterAll(async () => {
  await bus?.close()
  await dependencies?.stop()
})

const orders = async () => (await listOrders({ limit: 50 })).orders
const states = async () => Object.groupBy(await orders(), ({ state }) => state)

let seen = Long.ZERO
/** What was scheduled since this was asked last: what for, and when. */
async function scheduled() {
  const receiver = bus.createReceiver('orders-simulation')
  const messages = await receiver.peekMessages(250, { fromSequenceNumber: seen })
  await receiver.close()
  seen = messages.at(-1)?.sequenceNumber?.add(1) ?? seen
  return messages.map(({ body, scheduledEnqueueTimeUtc }) => ({
    body,
    at: scheduledEnqueueTimeUtc?.getTime() ?? 0,
  }))
}
const deliver = async (message: unknown) => {
  const lines: string[] = []
  await app.simulate(message, quietContext(lines))
  return lines.join()
}

test('the orders of a minute are spread over it as messages, and placed once however often their tick comes', async () => {
  // In the next minute but one, so that nothing is due yet.
  const tick = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 60_000)
  expect(await app.scheduleOrders(tick, 360)).toBe(6)
  expect(await app.scheduleOrders(tick, 360)).toBe(6)
  const messages = await scheduled()
  expect(messages.map(({ at }) => at - tick.getTime())).toEqual(
    [0, 1].flatMap(() => [0, 10_000, 20_000, 30_000, 40_000, 50_000]),
  )
  expect(await orders()).toEqual([])
  for (const { body } of messages) await deliver(body)
  expect((await states()).placed).toHaveLength(6)
})

test('the worker begins the oldest orders, as many as its rate has, and each is made when its time has passed', async () => {
  for (const { id } of await orders()) await move.acceptOrder(id)
  const oldest = (await orders()).map(({ id, createdAt }) => ({ id, createdAt }))
  oldest.sort((a, b) => a.createdAt.localeCompare(b.createdAt))
  const tick = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 60_000)
  expect(await app.scheduleWork(tick, 240)).toBe(4)
  const begins = await scheduled()
  expect(begins.map(({ at }) => at - tick.getTime())).toEqual([0, 15_000, 30_000, 45_000])
  expect(begins.map(({ body }) => body.orderId)).toEqual(oldest.slice(0, 4).map(({ id }) => id))
  expect((await states()).processing).toBeUndefined()

  const [first, second, cancelled] = begins.map(({ body }) => body)
  await move.moveOrder(cancelled.orderId, 'cancelled')
  for (const message of [first, first, second]) await deliver(message)
  expect(await deliver(cancelled)).toContain('left alone')
  expect((await states()).processing).toHaveLength(2)

  const finishes = await scheduled()
  expect(finishes.map(({ body }) => body.step)).toEqual(['finish', 'finish', 'finish'])
  for (const { at } of finishes) expect(at).toBeGreaterThan(Date.now() + 15_000)
  for (const { body } of finishes) await deliver(body)
  expect((await states()).complete?.map(({ id }) => id).sort()).toEqual(
    [first.orderId, second.orderId].sort(),
  )
})

test('what is no step is dropped with a word', async () => {
  for (const message of ['not json', null, [], {}, { step: 'rob' }, { step: 'begin' }])
    expect(await deliver(message)).toContain('nothing that it knows')
})

test('an order whose end the database cannot store is tried again in a while', async () => {
  const [processing] = (await states()).pending ?? []
  if (!processing) throw new Error('no order')
  await move.moveOrder(processing.id, 'processing')
  await scheduled()
  await dependencies.stopCosmos()
  expect(await deliver({ step: 'finish', orderId: processing.id })).toContain('not made yet')
  const [again] = await scheduled()
  expect(again?.body).toEqual({ step: 'finish', orderId: processing.id })
  expect(again?.at).toBeGreaterThan(Date.now() + 30_000)
  await expect(deliver({ step: 'begin', orderId: processing.id })).rejects.toMatchObject({ status: 503 })
})
