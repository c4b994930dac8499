import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from '@azure/service-bus'
import { describe, expect, it } from 'vitest'
import { busWith, connect, eventually } from './bus.ts'

const orders = { orders: { RequiresSession: true } }

async function receive(
  receiver: ServiceBusSessionReceiver,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = []
  while (messages.length < count) {
    const more = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 20_000 })
    if (more.length === 0) throw new Error('no message came')
    messages.push(...more)
  }
  return messages
}

describe('sessions', () => {
  it('give one receiver the messages of one session, in order', async () => {
    const { client } = await busWith(orders)
    await client.createSender('orders').sendMessages([
      { body: 'a1', sessionId: 'a' },
      { body: 'b1', sessionId: 'b' },
      { body: 'a2', sessionId: 'a' },
      { body: 'b2', sessionId: 'b' },
    ])
    const b = await client.acceptSession('orders', 'b')
    const messages = await receive(b, 2)
    expect(messages.map((m) => [m.sessionId, m.body])).toEqual([
      ['b', 'b1'],
      ['b', 'b2'],
    ])
    for (const message of messages) await b.completeMessage(message)
    await b.close()
    const next = await client.acceptNextSession('orders')
    expect(next.sessionId).toBe('a')
    expect((await receive(next, 2)).map((m) => m.body)).toEqual(['a1', 'a2'])
  })

  it('are held by one receiver at a time, and freed when it closes, with what it had not settled', async () => {
    const { bus, client } = await busWith(orders)
    await client.createSender('orders').sendMessages({ body: 'x', sessionId: 's' })
    const first = await client.acceptSession('orders', 's')
    expect(first.sessionLockedUntilUtc.getTime()).toBeGreaterThan(Date.now())
    await receive(first, 1)
    const impatient = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
    await expect(impatient.acceptSession('orders', 's')).rejects.toMatchObject({
      code: 'SessionCannotBeLocked',
    })
    await first.close()
    const second = await client.acceptSession('orders', 's')
    const [again] = await receive(second, 1)
    // "Message sessions", impact of delivery count: closing a session leaves it as it was.
    expect(again).toMatchObject({ body: 'x', deliveryCount: 0 })
  })

  it('keep a receiver for the next session waiting, for as long as it likes', async () => {
    const { bus, client } = await busWith(orders)
    const impatient = connect(bus.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 500 } })
    await expect(impatient.acceptNextSession('orders')).rejects.toMatchObject({ code: 'ServiceTimeout' })
    const accepted = client.acceptNextSession('orders')
    await client.createSender('orders').sendMessages({ body: 'x', sessionId: 'late' })
    expect((await accepted).sessionId).toBe('late')
  })

  it('carry state', async () => {
    const { client } = await busWith(orders)
    const first = await client.acceptSession('orders', 's')
    expect(await first.getSessionState()).toBeNull()
    await first.setSessionState({ step: 2 })
    await first.close()
    const second = await client.acceptSession('orders', 's')
    expect(await second.getSessionState()).toEqual({ step: 2 })
  })

  it('are renewed, and lost when they are not', async () => {
    const { client } = await busWith({ orders: { RequiresSession: true, LockDuration: 'PT4S' } })
    await client.createSender('orders').sendMessages({ body: 'x', sessionId: 's' })
    const receiver = await client.acceptSession('orders', 's', { maxAutoLockRenewalDurationInMs: 0 })
    const [message] = (await receive(receiver, 1)) as [ServiceBusReceivedMessage]
    const first = receiver.sessionLockedUntilUtc.getTime()
    await eventually(async () =>
      (await receiver.renewSessionLock()).getTime() > first + 500 ? true : undefined,
    )
    await eventually(() => (receiver.isClosed || Date.now() > first + 8_000 ? true : undefined))
    await expect(receiver.completeMessage(message)).rejects.toMatchObject({ code: 'SessionLockLost' })
    await expect(receiver.renewSessionLock()).rejects.toMatchObject({ code: 'SessionLockLost' })
    const other = await client.acceptNextSession('orders')
    expect((await receive(other, 1))[0]?.deliveryCount).toBe(1)
  })

  it('work with subscribe, deferral and peek', async () => {
    const { client } = await busWith(orders)
    await client.createSender('orders').sendMessages([
      { body: 1, sessionId: 's' },
      { body: 2, sessionId: 's' },
      { body: 3, sessionId: 'other' },
    ])
    const receiver = await client.acceptSession('orders', 's')
    expect((await receiver.peekMessages(10)).map((m) => m.body)).toEqual([1, 2])
    const [one] = (await receive(receiver, 1)) as [ServiceBusReceivedMessage]
    await receiver.deferMessage(one)
    const [deferred] = await receiver.receiveDeferredMessages(one.sequenceNumber as never)
    await receiver.completeMessage(deferred as ServiceBusReceivedMessage)
    const seen: unknown[] = []
    receiver.subscribe({ processMessage: async (m) => void seen.push(m.body), processError: async () => {} })
    await eventually(() => (seen.length > 0 ? true : undefined))
    expect(seen).toEqual([2])
  })

  it('are required where they are declared: no other messages, no other receivers', async () => {
    const { bus } = await busWith(orders)
    const client = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
    await expect(client.createSender('orders').sendMessages({ body: 1 })).rejects.toThrow(/session id/)
    await expect(client.createReceiver('orders').receiveMessages(1)).rejects.toThrow(
      /sessionful|requires sessions/,
    )
  })
})
