import { ServiceBusClient } from '@azure/service-bus'
import * as contract from '@store/contract'
import Long from 'long'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call, type Dependencies, quietContext, startDependencies } from '../../tests/triggers.ts'
import { newOrder } from '../orders/order.ts'
import { insertOrder } from '../orders/orderStore.ts'
import { placeOrder } from '../orders/orders.functions.ts'
import * as makeline from './makeline.functions.ts'
import { mostAttempts, retryDelay } from './makeOrder.ts'
import { republishOrders } from './republishOrders.ts'
import { waiting } from './waiting.ts'

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

async function place(traceparent?: string): Promise<string> {
  const body = { customerId: 'c1', items: [{ productId: 1, quantity: 1 }] }
  return (await call(placeOrder, { body, headers: traceparent ? { traceparent } : {} })).body.orderId
}
const stateOf = async (orderId: string) => (await call(makeline.getOrder, { params: { orderId } })).body.state

interface Sent {
  body: unknown
  messageId?: string
  properties?: Record<string, unknown>
}

/** A body as the sender's SDK writes it. */
const bytesOf = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))

/** Hands a batch to the trigger as the host does; answers what it logged. */
async function deliverBatch(messages: Sent[]) {
  const lines: string[] = []
  const triggerMetadata = {
    messageIdArray: messages.map(({ messageId = 'm1' }) => messageId),
    deliveryCountArray: messages.map(() => 1),
    // Without its zone, as Azure has it.
    enqueuedTimeUtcArray: messages.map(() => '2026-01-02T03:04:05.000'),
    applicationPropertiesArray: messages.map(({ properties = {} }) => properties),
  }
  await makeline.makeOrders(
    messages.map(({ body }) => bytesOf(body)),
    quietContext(lines, { triggerMetadata }),
  )
  return lines.join('\n')
}

const deliver = (body: unknown, properties: Record<string, unknown> = {}, messageId = 'm1') =>
  deliverBatch([{ body, properties, messageId }])

async function peek(queue: string) {
  const receiver = bus.createReceiver(queue)
  const messages = await receiver.peekMessages(250, { fromSequenceNumber: Long.ZERO })
  await receiver.close()
  return messages
}
const deadLetters = async () =>
  contract.DeadLetters.parse((await call(makeline.listDeadLetters)).body).deadLetters
const act = (handler: Parameters<typeof call>[0], sequenceNumber: string) =>
  call(handler, { method: 'POST', params: { sequenceNumber } })

// What the service does with `omitMessageBody`: Azure/azure-sdk-for-js#21002.
test('who counts what waits does not have the bodies sent', async () => {
  const receiver = bus.createReceiver('orders')
  const peeking = vi.spyOn(Object.getPrototypeOf(receiver), 'peekMessages')
  try {
    await place()
    const { body } = await call(makeline.getQueueDepth)
    expect(body.active).toBeGreaterThan(0)
    const pages = (await Promise.all(peeking.mock.results.map(({ value }) => value))).flat()
    expect(pages.length).toBeGreaterThan(0)
    expect(pages.filter((message) => message.body !== undefined)).toEqual([])
  } finally {
    peeking.mockRestore()
    await receiver.close()
  }
})

describe('a message', () => {
  test('takes its order into the line, once however often it comes', async () => {
    const orderId = await place()
    await deliver({ orderId })
    await deliver({ orderId })
    const { body } = await call(makeline.getOrder, { params: { orderId } })
    expect(body.history.map(({ state }: { state: string }) => state)).toEqual(['placed', 'pending'])
    const pending = (await call(makeline.fetchOrders)).body.map((order: contract.Order) => order.orderId)
    expect(pending).toContain(orderId)
  })

  test('that comes late changes nothing, whether the order is done or cancelled', async () => {
    for (const status of [2, 3] as const) {
      const orderId = await place()
      if (status === 2) await deliver({ orderId })
      await call(makeline.updateOrder, { method: 'PUT', body: { orderId, status } })
      await deliver({ orderId })
      expect(await stateOf(orderId)).toBe(status === 2 ? 'complete' : 'cancelled')
    }
    expect(await deadLetters()).toEqual([])
  })

  // What the demo's admin sends: the order as it was fetched, with the status 1 (OrderDetailView.vue). Its worker leaves
  // away what it does not know (main.rs). Both take whatever is not 0 for completed.
  test("of an order that the demo's admin or worker completes shows it as completed to them", async () => {
    for (const keep of [['orderId', 'customerId', 'items'], undefined]) {
      const orderId = await place()
      await deliver({ orderId })
      const fetched = (await call(makeline.fetchOrders)).body as contract.Order[]
      const order = { ...fetched.find((one) => one.orderId === orderId) } as Record<string, unknown>
      for (const name of Object.keys(order)) if (keep && !keep.includes(name)) delete order[name]
      const put = await call(makeline.updateOrder, { method: 'PUT', body: { ...order, status: 1 } })
      expect(put.status).toBe(202)
      const { body } = await call(makeline.getOrder, { params: { orderId } })
      expect(body).toMatchObject({ status: 2, state: 'complete' })
      const left = (await call(makeline.fetchOrders)).body as contract.Order[]
      expect(left.map((one) => one.orderId)).not.toContain(orderId)
    }
  })

  test('of an order that an employee of ours begins, is begun and no more', async () => {
    const orderId = await place()
    await deliver({ orderId })
    await call(makeline.updateOrder, { method: 'PUT', body: { orderId, status: 1, state: 'processing' } })
    expect(await stateOf(orderId)).toBe('processing')
  })

  test('carries the trace of the click that placed the order into the log', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c'
    const orderId = await place(`00-${trace}-b7ad6b7169203331-01`)
    const message = (await peek('orders')).find(({ messageId }) => messageId === orderId)
    expect(message?.applicationProperties?.['Diagnostic-Id']).toMatch(
      new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`),
    )
    expect(await deliver({ orderId }, message?.applicationProperties)).toContain(trace)
  })
})

describe('a batch', () => {
  test('has a fate, a reason and a trace for each of its messages', async () => {
    const [first, second] = [await place(), await place()]
    const [unreadable, unknown] = [crypto.randomUUID(), crypto.randomUUID()]
    const traces = ['0af7651916cd43dd8448eb211c80319c', '4bf92f3577b34da6a3ce929d0e0e4736']
    const log = await deliverBatch([
      { body: { orderId: first }, properties: { traceparent: `00-${traces[0]}-b7ad6b7169203331-01` } },
      { body: 'not json', messageId: unreadable },
      { body: { orderId: '019b76da-a800-7000-8000-000000000001' }, messageId: unknown },
      { body: { orderId: second }, properties: { traceparent: `00-${traces[1]}-b7ad6b7169203331-01` } },
    ])
    expect([await stateOf(first), await stateOf(second)]).toEqual(['pending', 'pending'])
    const letters = await deadLetters()
    expect(letters.find(({ messageId }) => messageId === unreadable)?.reason).toBe('InvalidMessage')
    expect(letters.find(({ messageId }) => messageId === unknown)?.reason).toBe('OrderNotFound')
    const lines = log.split('\n')
    expect(lines.find((line) => line.includes(first))).toContain(traces[0])
    expect(lines.find((line) => line.includes(second))).toContain(traces[1])
  })

  test('that holds an order twice makes it once', async () => {
    const orderId = await place()
    await deliverBatch([{ body: { orderId } }, { body: { orderId } }])
    const { body } = await call(makeline.getOrder, { params: { orderId } })
    expect(body.history.map(({ state }: { state: string }) => state)).toEqual(['placed', 'pending'])
  })
})

describe('a message that can never succeed', () => {
  const noOrder = '019b76da-a800-7000-8000-000000000000'
  test.each([
    ['not json', 'InvalidMessage', null],
    [{ id: 1 }, 'InvalidMessage', null],
    [null, 'InvalidMessage', null],
    [{ orderId: noOrder }, 'OrderNotFound', noOrder],
    [{ orderId: '../x' }, 'OrderNotFound', '../x'],
  ])('%j is dead-lettered at once, with a reason', async (body, reason, orderId) => {
    const messageId = crypto.randomUUID()
    await deliver(body, {}, messageId)
    const letter = (await deadLetters()).find((one) => one.messageId === messageId)
    expect(letter).toMatchObject({
      reason,
      orderId,
      deliveryCount: 1,
      enqueuedAt: '2026-01-02T03:04:05.000Z',
    })
    expect(letter?.description).not.toBe('')
  })

  test('what the broker gave up on stands in the same list', async () => {
    const messageId = crypto.randomUUID()
    const triggerMetadata = {
      messageId,
      deliveryCount: 11,
      applicationProperties: { deadLetterReason: 'MaxDeliveryCountExceeded' },
    }
    await makeline.collectDeadLetters(bytesOf({ orderId: noOrder }), quietContext([], { triggerMetadata }))
    expect(await deadLetters()).toContainEqual(
      expect.objectContaining({ messageId, reason: 'MaxDeliveryCountExceeded', deliveryCount: 11 }),
    )
  })
})

describe('dead letters', () => {
  test('one out of the middle is sent again, another thrown away, the rest stay as they are', async () => {
    const ids = Array.from({ length: 4 }, () => crypto.randomUUID())
    for (const messageId of ids) await deliver('not json', {}, messageId)
    const before = await deadLetters()
    const numberOf = (id?: string) => before.find(({ messageId }) => messageId === id)?.sequenceNumber ?? ''

    expect((await act(makeline.resubmitDeadLetter, numberOf(ids[2]))).status).toBe(202)
    expect((await act(makeline.discardDeadLetter, numberOf(ids[1]))).status).toBe(204)

    const gone = [numberOf(ids[1]), numberOf(ids[2])]
    expect(await deadLetters()).toEqual(before.filter(({ sequenceNumber }) => !gone.includes(sequenceNumber)))
    const again = (await peek('orders')).filter(({ messageId }) => messageId === ids[2])
    expect(again).toHaveLength(1)
    expect(String(again[0]?.body)).toBe('not json')
    for (const sequenceNumber of gone)
      expect((await act(makeline.discardDeadLetter, sequenceNumber)).status).toBe(404)
  })

  test('are shown with what they say', async () => {
    const messageId = crypto.randomUUID()
    const view = async (sent: unknown) => {
      await deliver(
        sent,
        { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
        messageId,
      )
      const { sequenceNumber = '' } =
        (await deadLetters()).findLast((one) => one.messageId === messageId) ?? {}
      const { body } = await call(makeline.getDeadLetter, { params: { sequenceNumber } })
      return contract.DeadLetterDetail.parse(body)
    }
    const text = await view('<order>7</order>')
    expect(text).toMatchObject({ messageId, reason: 'InvalidMessage', body: '<order>7</order>' })
    expect(text.applicationProperties.traceparent).toContain('0af7651916cd43dd8448eb211c80319c')
    expect(JSON.parse((await view({ id: 7 })).body)).toEqual({ id: 7 })
    expect((await view('x'.repeat(50_000))).body).toHaveLength(contract.limits.deadLetterBody)
  })

  test.each(['0', '999999', 'x', ''])('there is none of number %j', async (sequenceNumber) => {
    expect((await act(makeline.resubmitDeadLetter, sequenceNumber)).status).toBe(404)
    expect((await call(makeline.getDeadLetter, { params: { sequenceNumber } })).status).toBe(404)
  })

  test('are told to those who watch, by a few reasons, beside what waits and for how long', async () => {
    await deliver('not json')
    await bus.createSender('orders-failed').sendMessages({
      body: 'x',
      applicationProperties: { DeadLetterReason: 'whatever a stranger writes' },
    })
    const sender = bus.createSender('orders')
    const [later = Long.ZERO] = await sender.scheduleMessages(
      { body: {}, applicationProperties: { enqueuedat: '2026-01-02T03:04:05.000Z' } },
      new Date(Date.now() + 60_000),
    )
    const at = Date.parse('2026-01-02T04:04:05.000Z')
    const values = (await waiting(at)).map(({ name, series }) => [
      name,
      series.map(({ attributes, value }) => [...Object.values(attributes), value]),
    ])
    const letters = await deadLetters()
    const invalid = letters.filter(({ reason }) => reason === 'InvalidMessage').length
    const metrics = Object.fromEntries(values) as Record<string, unknown[][]>
    expect(metrics['store.broker.dead_letters']).toContainEqual(['InvalidMessage', invalid])
    expect(metrics['store.broker.dead_letters']).toContainEqual(['_OTHER', 1])
    expect(metrics['store.broker.messages']).toContainEqual(['orders', 'scheduled', 1])
    expect(metrics['store.broker.oldest_message.age']).toEqual([['orders', 3_600]])
    expect(metrics['store.source.up']).toEqual([
      ['database', 1],
      ['broker', 1],
    ])
    await sender.cancelScheduledMessages(later)
  })

  test('sent again belong to the click that they come from', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
    const messageId = crypto.randomUUID()
    await deliver('not json', { traceparent: `00-${trace}-b7ad6b7169203331-01` }, messageId)
    const { sequenceNumber = '' } = (await deadLetters()).find((one) => one.messageId === messageId) ?? {}
    await act(makeline.resubmitDeadLetter, sequenceNumber)
    const again = (await peek('orders')).find((one) => one.messageId === messageId)
    expect(again?.applicationProperties?.traceparent).toContain(trace)
  })

  test('of two employees at once one deals with it', async () => {
    const messageId = crypto.randomUUID()
    await deliver('not json', {}, messageId)
    const number = (await deadLetters()).find((one) => one.messageId === messageId)?.sequenceNumber ?? ''
    const answers = await Promise.all([1, 2, 3].map(() => act(makeline.resubmitDeadLetter, number)))
    expect(answers.map(({ status }) => status).filter((status) => status === 202)).toHaveLength(1)
    expect((await peek('orders')).filter((one) => one.messageId === messageId)).toHaveLength(1)
  })
})

describe('an order that was stored and never published', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01'
  const product = { id: 1, name: 'Rope', price: 1, description: '', image: '' }
  async function store(secondsAgo: number): Promise<string> {
    const basket = { customerId: 'c', items: [{ productId: 1, quantity: 1 }] }
    const at = new Date(Date.now() - secondsAgo * 1000)
    const placed = newOrder(
      { id: crypto.randomUUID(), number: '48219-30755' },
      basket,
      new Map([[1, product]]),
      at,
    )
    if ('unknown' in placed) throw new Error('no such product')
    await insertOrder(placed.order, traceparent)
    return placed.order.id
  }
  const messagesOf = async (orderId: string) =>
    (await peek('orders')).filter(({ messageId }) => messageId === orderId)

  test('is published, once, in the trace of its click; one that was stored just now is left to its placing', async () => {
    const [old, fresh] = [await store(60), await store(1)]
    await republishOrders()
    await republishOrders()
    const messages = await messagesOf(old)
    expect(messages).toMatchObject([{ body: { orderId: old } }])
    expect(messages[0]?.applicationProperties?.traceparent).toContain(traceparent.slice(0, 36))
    expect(await messagesOf(fresh)).toEqual([])
  })

  test('is left to the employee who finds its dead letter', async () => {
    const orderId = await store(60)
    await makeline.collectDeadLetters(
      bytesOf({ orderId }),
      quietContext([], { triggerMetadata: { messageId: orderId, deliveryCount: 11 } }),
    )
    await republishOrders()
    expect(await messagesOf(orderId)).toEqual([])
  })
})

test('delays grow to five minutes and are spread', () => {
  const delays = Array.from({ length: mostAttempts }, (_, at) => retryDelay(at + 1, 0.5))
  expect(delays.slice(0, 4)).toEqual([2, 4, 8, 16])
  expect(delays).toEqual(delays.toSorted((a, b) => a - b))
  expect(delays.at(-1)).toBe(300)
  expect(retryDelay(1, 0)).toBeLessThan(retryDelay(1, 1))
})

test('those who look at the queues at once share one look at each, and who looks later has one of its own', async () => {
  const receivers = vi.spyOn(ServiceBusClient.prototype, 'createReceiver')
  const lookAtOnce = () =>
    Promise.all([makeline.getQueueDepth, makeline.listDeadLetters].map((ask) => call(ask)))
  try {
    const [before] = await lookAtOnce()
    expect(receivers).toHaveBeenCalledTimes(3)
    await deliver('nonsense')
    const [after] = await lookAtOnce()
    expect(after?.body.deadLettered).toBe(before?.body.deadLettered + 1)
    expect(receivers).toHaveBeenCalledTimes(6)
  } finally {
    receivers.mockRestore()
  }
})

test('a message as large as the broker takes is set aside with what fits, and harms none of its batch', async () => {
  const orderId = await place()
  // What a client of the broker can send in 256 KB, the limit of Azure's Standard tier.
  const body = 'x'.repeat(262_000)
  await deliverBatch([{ body: { orderId } }, { body, messageId: 'largest' }])
  expect(await stateOf(orderId)).toBe('pending')
  const letter = (await deadLetters()).find(({ messageId }) => messageId === 'largest')
  expect(letter).toMatchObject({ reason: 'InvalidMessage', description: expect.stringContaining('262000') })
})

test('a dead letter of the broker whose words are too long is set aside, too', async () => {
  const triggerMetadata = {
    messageId: 'i'.repeat(500),
    applicationProperties: {
      deadLetterReason: 'r'.repeat(100_000),
      deadLetterErrorDescription: 'd'.repeat(100_000),
    },
  }
  await makeline.collectDeadLetters(Buffer.from('x'.repeat(200_000)), quietContext([], { triggerMetadata }))
  expect((await deadLetters()).map(({ messageId }) => messageId)).toContain('i'.repeat(128))
})

describe('while the database is away', () => {
  let orderId: string
  beforeAll(async () => {
    orderId = await place()
    await cloud.stopCosmos()
  })

  test('a message comes again later, counted, and the first one is done with', async () => {
    const before = Date.now()
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-'
    await deliver({ orderId }, { attempt: 3, traceparent: `${trace}b7ad6b7169203331-01` }, orderId)
    const copy = (await peek('orders')).find(({ applicationProperties: p }) => p?.attempt === 4)
    expect(copy).toMatchObject({ messageId: orderId, state: 'scheduled', body: { orderId } })
    expect(Number(copy?.scheduledEnqueueTimeUtc) - before).toBeGreaterThan(6_000)
    expect(copy?.applicationProperties?.traceparent).toContain(trace)
    const { body } = await call(makeline.getQueueDepth)
    expect(contract.QueueDepth.parse(body)).toMatchObject({ scheduled: 1 })
    expect(body.active).toBeGreaterThan(0)
    expect(body.deadLettered).toBe((await deadLetters()).length)
  })

  test('the last attempt is given up with what went wrong', async () => {
    await deliver({ orderId }, { attempt: mostAttempts }, orderId)
    expect(await deadLetters()).toContainEqual(
      expect.objectContaining({ orderId, reason: 'RetriesExhausted', deliveryCount: mostAttempts }),
    )
  })

  test('each message of a batch comes again in its own time', async () => {
    const ids = [crypto.randomUUID(), crypto.randomUUID()]
    await deliverBatch([
      { body: { orderId }, messageId: ids[0] ?? '', properties: { attempt: 1 } },
      { body: { orderId }, messageId: ids[1] ?? '', properties: { attempt: 7 } },
    ])
    const copies = await peek('orders')
    const [soon, late] = ids.map((id) => copies.find(({ messageId }) => messageId === id))
    expect([soon, late].map((copy) => copy?.applicationProperties?.attempt)).toEqual([2, 8])
    expect(Number(late?.scheduledEnqueueTimeUtc)).toBeGreaterThan(
      Number(soon?.scheduledEnqueueTimeUtc) + 60_000,
    )
  })

  test('a customer is told to come back, in a moment', async () => {
    const answer = await call(placeOrder, {
      body: { customerId: 'c', items: [{ productId: 1, quantity: 1 }] },
    })
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('and the broker too, a batch fails, so that the broker hands it out again when it is back', async () => {
    await cloud.stopServiceBus()
    await expect(deliver({ orderId })).rejects.toMatchObject({ status: 503 })
  })

  test.each([
    ['the depth of the queue', () => call(makeline.getQueueDepth)],
    ['the dead letters', () => call(makeline.listDeadLetters)],
    ['throwing one away', () => act(makeline.discardDeadLetter, '1')],
    ['sending one again', () => act(makeline.resubmitDeadLetter, '1')],
  ])('and an employee who asks for %s is told to come back', async (_, ask) => {
    const { status, headers } = await ask()
    expect(status).toBe(503)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })
})
