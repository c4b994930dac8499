import { setTimeout as delay } from 'node:timers/promises'
import { ServiceBusClient } from '@azure/service-bus'
import * as contract from '@store/contract'
import Long from 'long'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storedOrders } from '../../tests/harness/inside.ts'
import { call, type Dependencies, startDependencies } from '../../tests/triggers.ts'
import { config } from '../platform/config.ts'
import { container } from '../platform/cosmos.ts'
import { moveOrder } from './moveOrder.ts'
import { newOrderId } from './orderId.ts'
import { cancelOrder, listOrders, placeOrder, trackOrder } from './orders.functions.ts'
import { placeOrder as placeOrderOf } from './placeOrder.ts'

let cloud: Dependencies
let bus: ServiceBusClient

beforeAll(async () => {
  cloud = await startDependencies()
  bus = new ServiceBusClient(cloud.settings.ServiceBusConnection ?? '')
}, 60_000)
afterAll(async () => {
  await bus?.close()
  await cloud?.stop()
})

const basket = (quantity = 1, productId = 1) => ({ customerId: 'c1', items: [{ productId, quantity }] })
const place = (body: unknown = basket(), key?: string) =>
  call(placeOrder, { body, headers: key === undefined ? {} : { 'idempotency-key': key } })
const newKey = () => crypto.randomUUID()

async function messagesFor(orderId: string) {
  const receiver = bus.createReceiver(config().ordersQueue)
  const messages = await receiver.peekMessages(1_000, { fromSequenceNumber: Long.ZERO })
  await receiver.close()
  return messages.filter(({ messageId }) => messageId === orderId)
}

describe('placing', () => {
  test('answers the order at the prices of the catalogue and tells the makeline', async () => {
    const { status, headers, body } = await place({ ...basket(3), total: 1 })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/api/orders/${body.orderId}`)
    expect(headers.get('etag')).toMatch(/^".+"$/)
    expect(contract.Order.parse(body)).toMatchObject({ total: 29.97, state: 'placed', customerId: 'c1' })
    expect(await messagesFor(body.orderId)).toMatchObject([{ body: { orderId: body.orderId } }])
  })

  test('of several at once tells the makeline of each, in the trace that it was placed in', async () => {
    const placed = await Promise.all(Array.from({ length: 5 }, () => place()))
    for (const { headers, body } of placed) {
      const [message, ...more] = await messagesFor(body.orderId)
      expect([message?.body, more]).toEqual([{ orderId: body.orderId }, []])
      const traceOf = (traceparent: unknown) => String(traceparent).split('-')[1]
      expect(traceOf(message?.applicationProperties?.traceparent)).toBe(traceOf(headers.get('traceparent')))
    }
  })

  test('ids are never alike, with keys as without', async () => {
    const ids = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, at) => (await place(basket(), at % 2 ? `key-${at}` : undefined)).body.orderId,
      ),
    )
    expect(new Set(ids).size).toBe(20)
  })

  test('ids follow the time of placing, with the keys of the store as without', async () => {
    const ids: string[] = []
    for (let at = 0; at < 6; at++) {
      ids.push((await place(basket(), at % 2 ? uuidv7() : undefined)).body.orderId)
      await delay(2)
    }
    expect(ids).toEqual(ids.toSorted())
  })
})

describe('Idempotency-Key', () => {
  test('the same key and body answer the same order: 201 the first time, then 200', async () => {
    const key = newKey()
    const first = await place(basket(2), key)
    const again = await place(basket(2), key)
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body).toEqual(first.body)
    expect(await messagesFor(first.body.orderId)).toHaveLength(1)
  })

  test('the repeat answers the order as it is by then', async () => {
    const key = newKey()
    const { body } = await place(basket(), key)
    await moveOrder(body.orderId, 'pending')
    expect((await place(basket(), key)).body).toMatchObject({ orderId: body.orderId, state: 'pending' })
  })

  test.each([
    ['another quantity', { ...basket(3) }],
    ['another product', basket(2, 2)],
    ['more lines', { customerId: 'c1', items: [...basket(2).items, { productId: 2, quantity: 1 }] }],
  ])('the same key with %s is refused with 422', async (_, other) => {
    const key = newKey()
    const first = await place(basket(2), key)
    const refused = await place(other, key)
    expect(refused.status).toBe(422)
    expect(JSON.stringify(refused.body)).not.toContain(first.body.orderId)
  })

  test("one customer's key is not another's, and none is the simulation's", async () => {
    const key = newKey()
    const ids = new Set<string>()
    for (const customerId of ['c1', 'c2', 'c1"', `c1","${key}`]) {
      const { status, body } = await place({ ...basket(2), customerId }, key)
      expect(status).toBe(201)
      ids.add(body.orderId)
    }
    const simulated = await placeOrderOf(basket(2), { room: 'simulation', customerId: 'c1', key })
    expect(simulated.isNew).toBe(true)
    expect(ids.add(simulated.order.id).size).toBe(5)
  })

  test('twenty at once with one key make one order', async () => {
    const key = newKey()
    const answers = await Promise.all(Array.from({ length: 20 }, () => place(basket(2), key)))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
    expect(new Set(answers.map(({ body }) => body.orderId)).size).toBe(1)
  })

  test.each(['', 'a b', 'é', 'x'.repeat(129)])('the key %j is refused with 400', async (key) => {
    const { status, body } = await place(basket(), key)
    expect(status).toBe(400)
    expect(body.errors[0].pointer).toBe('/idempotency-key')
  })
})

describe('following and cancelling', () => {
  test('a customer sees the order, and 304 while it stays as it is', async () => {
    const { body, headers } = await place()
    const params = { orderId: body.orderId }
    const etag = headers.get('etag') ?? ''
    const seen = await call(trackOrder, { params })
    expect(seen.headers.get('etag')).toBe(etag)
    expect(seen.body).toEqual(body)
    expect((await call(trackOrder, { params, headers: { 'if-none-match': `W/${etag}` } })).status).toBe(304)
    await moveOrder(body.orderId, 'pending')
    expect((await call(trackOrder, { params, headers: { 'if-none-match': etag } })).status).toBe(200)
  })

  test.each(['placed', 'pending'] as const)('an order that is %s can be taken back, twice', async (state) => {
    const { body } = await place()
    if (state === 'pending') await moveOrder(body.orderId, state)
    const params = { orderId: body.orderId }
    const cancelled = await call(cancelOrder, { method: 'POST', params })
    expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled', status: 3 } })
    expect((await call(cancelOrder, { method: 'POST', params })).body).toEqual(cancelled.body)
  })

  test.each([['processing'], ['processing', 'complete']] as const)(
    'an order that went through %s cannot',
    async (...states) => {
      const { body } = await place()
      for (const state of ['pending', ...states] as const) await moveOrder(body.orderId, state)
      const params = { orderId: body.orderId }
      expect((await call(cancelOrder, { method: 'POST', params })).status).toBe(409)
      expect((await call(trackOrder, { params })).body.state).toBe(states.at(-1))
    },
  )

  test.each(['x', '..', 'a/b?c#d', '019b76da-a800-7000-8000-000000000000'])(
    'the id %j is of no order',
    async (orderId) => {
      expect((await call(trackOrder, { params: { orderId } })).status).toBe(404)
      expect((await call(cancelOrder, { method: 'POST', params: { orderId } })).status).toBe(404)
    },
  )

  test('of an employee and a customer in the same moment, one wins and the other is told so', async () => {
    for (let round = 0; round < 10; round++) {
      const { body } = await place()
      await moveOrder(body.orderId, 'pending')
      const outcomes = await Promise.allSettled([
        moveOrder(body.orderId, 'cancelled'),
        moveOrder(body.orderId, 'processing'),
      ])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const { history } = (await call(trackOrder, { params: { orderId: body.orderId } })).body
      expect(history).toHaveLength(3)
    }
  })
})

describe('the list for employees', () => {
  const list = (query: Record<string, string>) => call(listOrders, { query })

  test('turns pages from the newest back, with every order once, also while others are placed', async () => {
    const from = new Date().toISOString()
    await Promise.all(Array.from({ length: 25 }, () => place()))
    const to = new Date(Date.now() + 1).toISOString()
    const seen: contract.Order[] = []
    for (let [continuation, pages] = ['', 0]; pages < 9; pages++) {
      const { body } = await list({ from, to, limit: '7', ...(continuation ? { continuation } : {}) })
      const page = contract.OrderPage.parse(body)
      seen.push(...page.orders)
      await place()
      if (!page.continuation) break
      expect(page.orders).toHaveLength(7)
      continuation = page.continuation
    }
    expect(new Set(seen.map(({ orderId }) => orderId)).size).toBe(25)
    expect(seen).toHaveLength(25)
    const times = seen.map(({ createdAt }) => createdAt)
    expect(times).toEqual(times.toSorted().reverse())
  })

  test('finds an order by its number, as people write it, in whatever state', async () => {
    const [{ body }] = await Promise.all([place(), place()])
    expect(body.number).toMatch(/^[1-9]\d{4}-\d{5}$/)
    expect(body.orderId).not.toContain(body.number.slice(6))
    for (const number of [body.number, body.number.replace('-', ''), ` ${body.number.replace('-', ' ')}`]) {
      const { orders } = contract.OrderPage.parse((await list({ number })).body)
      expect(orders.map(({ orderId }) => orderId)).toEqual([body.orderId])
    }
    expect((await list({ number: '1234' })).status).toBe(400)
  })

  test('a repeat of the same key has the number that the order has', async () => {
    const key = newKey()
    const [first, again] = [await place(basket(), key), await place(basket(), key)]
    expect(again.body.number).toBe(first.body.number)
  })

  test('an order of before there were numbers goes by its id', async () => {
    const orders = await container('orders')
    const order = { id: newOrderId(), customerId: 'old', items: [], total: 0, state: 'pending', history: [] }
    await orders.items.create({ ...order, createdAt: new Date().toISOString() })
    const { body } = await list({ customerId: 'old' })
    expect(body.orders.map(({ number }: contract.Order) => number)).toEqual([order.id])
    await orders.item(order.id, order.id).delete()
  })

  test('tells states apart', async () => {
    const { body } = await place()
    await call(cancelOrder, { method: 'POST', params: { orderId: body.orderId } })
    const { orders } = (await list({ state: 'cancelled' })).body
    expect(orders[0].orderId).toBe(body.orderId)
    expect(new Set(orders.map(({ state }: contract.Order) => state))).toEqual(new Set(['cancelled']))
  })

  test('finds the orders of one customer among all others, page by page, in one state or in any', async () => {
    const customerId = `Captain "O'Hara" ${newKey()}`
    const ids: string[] = []
    for (let at = 0; at < 5; at++) {
      ids.push((await place({ ...basket(), customerId })).body.orderId)
      await place({ ...basket(), customerId: `${customerId}!` })
    }
    await call(cancelOrder, { method: 'POST', params: { orderId: ids[1] ?? '' } })

    const first = (await list({ customerId, limit: '3' })).body
    const second = (await list({ customerId, limit: '3', continuation: first.continuation })).body
    const found = [...first.orders, ...second.orders]
    expect(found.map(({ orderId }: contract.Order) => orderId).toSorted()).toEqual(ids.toSorted())
    expect(second.continuation).toBeNull()
    const cancelled = (await list({ customerId, state: 'cancelled' })).body.orders
    expect(cancelled.map(({ orderId }: contract.Order) => orderId)).toEqual([ids[1]])
    expect((await list({ customerId: customerId.slice(0, -1) })).body.orders).toEqual([])
  })

  test.each([
    [{ state: 'lost' }, '/state'],
    [{ customerId: ' ' }, '/customerId'],
    [{ customerId: 'c'.repeat(129) }, '/customerId'],
    [{ from: 'yesterday' }, '/from'],
    [{ from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, '/to'],
    [{ limit: '0' }, '/limit'],
    [{ limit: '1e9' }, '/limit'],
    [{ limit: 'x' }, '/limit'],
    [{ continuation: 'x' }, '/continuation'],
    [{ continuation: Buffer.from('{"at":"x","seen":[]}').toString('base64url') }, '/continuation'],
  ])('%j is refused, naming %s', async (query: Record<string, string>, pointer) => {
    const { status, body } = await list(query)
    expect(status).toBe(400)
    expect(body.errors[0].pointer).toBe(pointer)
  })
})

// Cosmos DB removes a document `ttl` seconds after its last change (learn.microsoft.com, "Time to live in Azure Cosmos DB").
test('an order is kept for good, or for as many days after its last change as the setting says', async () => {
  const ttlOf = async () => {
    const { orderId } = (await place()).body
    const stored = (await storedOrders(cloud.settings)).find(({ id }) => id === orderId) as { ttl?: number }
    return stored.ttl
  }
  expect(await ttlOf()).toBeUndefined()
  config().orderRetentionDays = 30
  try {
    expect(await ttlOf()).toBe(30 * 24 * 3_600)
  } finally {
    config().orderRetentionDays = 0
  }
})

test('while the queue is away an order is accepted all the same, and waits to be published', async () => {
  await cloud.stopServiceBus()
  const { status, body } = await place()
  expect([status, body.state]).toEqual([201, 'placed'])
  expect((await call(trackOrder, { params: { orderId: body.orderId } })).status).toBe(200)
})
