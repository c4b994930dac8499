import type { PeekMessagesOptions, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'
import { describe, expect, it } from 'vitest'
import { busWith, configOf, connect, cuttableProxy, eventually, startBus } from './bus.ts'

async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 })
  if (message === undefined) throw new Error('no message came')
  return message
}

async function expectEmpty(receiver: ServiceBusReceiver): Promise<void> {
  expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([])
}

describe('sending and receiving', () => {
  it('delivers what was sent, with all its properties', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages({
      body: { id: 7, items: ['a', 'b'] },
      messageId: 'message-7',
      correlationId: 'correlation',
      contentType: 'application/json',
      subject: 'subject',
      to: 'to',
      replyTo: 'reply-to',
      replyToSessionId: 'reply-session',
      partitionKey: 'key',
      timeToLive: 60_000,
      applicationProperties: { text: 'x', number: 1.5, flag: true },
    })
    const message = await receiveOne(client.createReceiver('orders'))
    expect(message).toMatchObject({
      body: { id: 7, items: ['a', 'b'] },
      messageId: 'message-7',
      correlationId: 'correlation',
      contentType: 'application/json',
      subject: 'subject',
      to: 'to',
      replyTo: 'reply-to',
      replyToSessionId: 'reply-session',
      partitionKey: 'key',
      timeToLive: 60_000,
      applicationProperties: { text: 'x', number: 1.5, flag: true },
      deliveryCount: 0,
      state: 'active',
    })
    expect(message.sequenceNumber?.toString()).toBe('1')
    expect(message.lockToken).toMatch(/^[0-9a-f-]{36}$/)
    expect(message.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now())
    expect(Math.abs((message.enqueuedTimeUtc?.getTime() ?? 0) - Date.now())).toBeLessThan(30_000)
  })

  it('gives a message without an id one', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages({ body: 'x' })
    expect((await receiveOne(client.createReceiver('orders'))).messageId).toMatch(/.+/)
  })

  it('keeps the order of a batch', async () => {
    const { client } = await busWith({ orders: {} })
    const sender = client.createSender('orders')
    const batch = await sender.createMessageBatch()
    expect(batch.maxSizeInBytes).toBe(256 * 1024)
    await expect(sender.createMessageBatch({ maxSizeInBytes: 256 * 1024 + 1 })).rejects.toThrow(/size/)
    for (let i = 0; i < 50; i++) expect(batch.tryAddMessage({ body: i })).toBe(true)
    expect(batch.tryAddMessage({ body: 'x'.repeat(256 * 1024) })).toBe(false)
    await sender.sendMessages(batch)
    const bodies: unknown[] = []
    const receiver = client.createReceiver('orders', { receiveMode: 'receiveAndDelete' })
    while (bodies.length < 50) bodies.push(...(await receiver.receiveMessages(50)).map((m) => m.body))
    expect(bodies).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  it('carries a message that needs several frames, and refuses one over the limit', async () => {
    const { client } = await busWith({ orders: {} })
    const sender = client.createSender('orders')
    const large = Buffer.alloc(200_000, 'x')
    await sender.sendMessages({ body: large })
    expect((await receiveOne(client.createReceiver('orders'))).body.equals(large)).toBe(true)
    await expect(sender.sendMessages({ body: Buffer.alloc(300_000) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    })
  })

  it('wakes a receiver that waits', async () => {
    const { client } = await busWith({ orders: {} })
    const received = receiveOne(client.createReceiver('orders'))
    await client.createSender('orders').sendMessages({ body: 'now' })
    expect((await received).body).toBe('now')
  })

  it('in the mode receiveAndDelete keeps nothing', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages({ body: 'once' })
    const receiver = client.createReceiver('orders', { receiveMode: 'receiveAndDelete' })
    expect((await receiveOne(receiver)).body).toBe('once')
    expect(await receiver.peekMessages(10)).toEqual([])
  })

  it('goes on when a client has taken in as much as its window holds, and opens it again', async () => {
    const { bus, client } = await busWith({ orders: {} })
    const sender = client.createSender('orders')
    for (let i = 0; i < 10; i++) {
      await sender.sendMessages(Array.from({ length: 500 }, () => ({ body: 'x'.repeat(100) })))
    }
    const receiver = client.createReceiver('orders', { receiveMode: 'receiveAndDelete' })
    const received = await receiver.receiveMessages(5_000, { maxWaitTimeInMs: 20_000 })
    expect(received.length).toBe(5_000)
    expect(bus.counts('orders')?.active).toBe(0)
  })

  it('feeds an iterator', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }])
    const receiver = client.createReceiver('orders')
    const bodies: unknown[] = []
    for await (const message of receiver.getMessageIterator()) {
      bodies.push(message.body)
      await receiver.completeMessage(message)
      if (bodies.length === 3) break
    }
    expect(bodies).toEqual([1, 2, 3])
  })

  it('peeks at messages without taking them, page by page', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }])
    const receiver = client.createReceiver('orders')
    expect((await receiver.peekMessages(2)).map((m) => m.body)).toEqual([1, 2])
    expect((await receiver.peekMessages(2)).map((m) => m.body)).toEqual([3])
    expect((await receiver.receiveMessages(3)).length).toBeGreaterThan(0)
  })

  // As the SDK's own test of this option expects it of the service (Azure/azure-sdk-for-js#21002).
  it.each([
    ['JSON', { text: 'x'.repeat(1_000) }, 'data'],
    ['a value of AMQP', 'x'.repeat(1_000), 'value'],
    ['a sequence of AMQP', [['x'.repeat(1_000)]], 'sequence'],
  ] as const)('leaves out a body that is %s where who peeks asks for that', async (_, body, bodyType) => {
    const { client } = await busWith({ orders: {} })
    const rest = { applicationProperties: { colour: 'red' } }
    const message = bodyType === 'data' ? { ...rest, body } : { ...rest, body, bodyType }
    await client.createSender('orders').sendMessages(message)
    const options: PeekMessagesOptions & { omitMessageBody: boolean } = { omitMessageBody: true }
    const [peeked] = await client.createReceiver('orders').peekMessages(1, options)
    expect(peeked).toMatchObject({ ...rest, state: 'active' })
    expect(peeked?.body).toBeUndefined()
    expect(
      Number(peeked?._rawAmqpMessage.deliveryAnnotations?.['omitted-message-body-size']),
    ).toBeGreaterThan(999)
    expect((await receiveOne(client.createReceiver('orders'))).body).toEqual(body)
  })
})

it('doubles what is sent while it is told to, alone and in batches, but not what it knows from before', async () => {
  const { bus, client } = await busWith({ orders: {}, once: { RequiresDuplicateDetection: true } })
  bus.disturb({ doubled: true })
  await client.createSender('orders').sendMessages([{ body: 1 }, { body: 2 }])
  await client.createSender('orders').sendMessages({ body: 3 })
  await client.createSender('once').sendMessages({ body: 1, messageId: 'known' })
  bus.disturb({})
  await client.createSender('orders').sendMessages({ body: 4 })
  const bodies = (await client.createReceiver('orders').receiveMessages(10)).map(({ body }) => body)
  expect(bodies.toSorted()).toEqual([1, 1, 2, 2, 3, 3, 4])
  expect(bus.counts('once')?.active).toBe(1)
})

describe('settling', () => {
  it('completes: the message is gone', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('orders')
    await receiver.completeMessage(await receiveOne(receiver))
    expect(await receiver.peekMessages(1)).toEqual([])
  })

  it('abandons: the message comes again, counted, with changed properties', async () => {
    const { client } = await busWith({ orders: {} })
    await client
      .createSender('orders')
      .sendMessages({ body: 'x', applicationProperties: { kept: 1, changed: 1 } })
    const receiver = client.createReceiver('orders')
    await receiver.abandonMessage(await receiveOne(receiver), { changed: 2, added: 'new' })
    expect(await receiveOne(receiver)).toMatchObject({
      deliveryCount: 1,
      applicationProperties: { kept: 1, changed: 2, added: 'new' },
    })
  })

  it('dead-letters with a reason, and the sub-queue can be received from and settled', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages({ body: 'bad' })
    const receiver = client.createReceiver('orders')
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'invalid',
      deadLetterErrorDescription: 'has no items',
      note: 'seen',
    })
    await expectEmpty(receiver)
    const deadLetters = client.createReceiver('orders', { subQueueType: 'deadLetter' })
    const dead = await receiveOne(deadLetters)
    expect(dead).toMatchObject({
      body: 'bad',
      deadLetterReason: 'invalid',
      deadLetterErrorDescription: 'has no items',
      deadLetterSource: 'orders',
      applicationProperties: { note: 'seen' },
    })
    await deadLetters.completeMessage(dead)
    expect(await deadLetters.peekMessages(1)).toEqual([])
  })

  it('dead-letters after the last delivery', async () => {
    const { client } = await busWith({ orders: { MaxDeliveryCount: 2 } })
    await client.createSender('orders').sendMessages({ body: 'poison' })
    const receiver = client.createReceiver('orders')
    await receiver.abandonMessage(await receiveOne(receiver))
    await receiver.abandonMessage(await receiveOne(receiver))
    const dead = await receiveOne(client.createReceiver('orders', { subQueueType: 'deadLetter' }))
    expect(dead).toMatchObject({ body: 'poison', deadLetterReason: 'MaxDeliveryCountExceeded' })
    await expectEmpty(receiver)
  })

  it('defers: the message is received by its sequence number only', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages({ body: 'later' })
    const receiver = client.createReceiver('orders')
    const message = await receiveOne(receiver)
    await receiver.deferMessage(message)
    await expectEmpty(receiver)
    expect((await receiver.peekMessages(1))[0]?.state).toBe('deferred')
    const sequenceNumber = message.sequenceNumber as NonNullable<typeof message.sequenceNumber>
    const [deferred] = await receiver.receiveDeferredMessages(sequenceNumber)
    expect(deferred?.body).toBe('later')
    await receiver.completeMessage(deferred as ServiceBusReceivedMessage)
    await expect(receiver.receiveDeferredMessages(sequenceNumber)).rejects.toMatchObject({
      code: 'MessageNotFound',
    })
  })
})

describe('locks', () => {
  it('gives a message to another receiver when its lock runs out, and refuses the late settlement', async () => {
    const { client } = await busWith({ orders: { LockDuration: 'PT1S' } })
    await client.createSender('orders').sendMessages({ body: 'x' })
    const slow = client.createReceiver('orders', { maxAutoLockRenewalDurationInMs: 0 })
    const late = await receiveOne(slow)
    const other = client.createReceiver('orders', { maxAutoLockRenewalDurationInMs: 0 })
    const again = await receiveOne(other)
    expect(again.deliveryCount).toBe(1)
    await expect(slow.completeMessage(late)).rejects.toMatchObject({ code: 'MessageLockLost' })
    await expect(slow.renewMessageLock(late)).rejects.toMatchObject({ code: 'MessageLockLost' })
  })

  it('extends a lock that is renewed', async () => {
    const { client } = await busWith({ orders: {} })
    await client.createSender('orders').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('orders', { maxAutoLockRenewalDurationInMs: 0 })
    const message = await receiveOne(receiver)
    const first = message.lockedUntilUtc?.getTime() ?? 0
    await eventually(async () =>
      (await receiver.renewMessageLock(message)).getTime() > first ? true : undefined,
    )
    const [peeked] = await receiver.peekMessages(1)
    expect(peeked?.lockedUntilUtc?.getTime()).toBeGreaterThan(first)
    await receiver.completeMessage(message)
  })

  it('lets a client settle after it was cut off and came back', async () => {
    const bus = await startBus({ config: configOf({ orders: {} }) })
    const proxy = await cuttableProxy(bus.port)
    const client = connect(bus.connectionString.replace(String(bus.port), String(proxy.port)))
    await client.createSender('orders').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('orders')
    const message = await receiveOne(receiver)
    proxy.cut()
    // Once the client has noticed the cut, it settles by its management link.
    await eventually(() =>
      receiver.peekMessages(1, { abortSignal: AbortSignal.timeout(500) }).then(
        () => true,
        () => undefined,
      ),
    )
    await receiver.completeMessage(message)
    expect(await receiver.peekMessages(1)).toEqual([])
  })
})

describe('subscribing', () => {
  it('shares messages between competing consumers, each message to one', async () => {
    const { client, bus } = await busWith({ orders: {} })
    const seen: [consumer: number, body: unknown][] = []
    for (const consumer of [0, 1]) {
      connect(bus.connectionString)
        .createReceiver('orders')
        .subscribe(
          {
            processMessage: async (message) => {
              seen.push([consumer, message.body])
              await new Promise((resolve) => setTimeout(resolve, 1))
            },
            processError: async () => {},
          },
          { maxConcurrentCalls: 2 },
        )
    }
    const sender = client.createSender('orders')
    let sent = 0
    await eventually(async () => {
      for (let i = 0; i < 20; i++) await sender.sendMessages({ body: sent++ })
      return new Set(seen.map(([consumer]) => consumer)).size === 2 ? true : undefined
    })
    await eventually(() => (bus.counts('orders')?.active === 0 ? true : undefined))
    expect(seen.map(([, body]) => body).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: sent }, (_, i) => i),
    )
  })

  it('survives a cut in the middle: every message is processed in the end', async () => {
    const bus = await startBus({ config: configOf({ orders: { LockDuration: 'PT2S' } }) })
    const proxy = await cuttableProxy(bus.port)
    const client = connect(bus.connectionString)
    const fragile = connect(bus.connectionString.replace(String(bus.port), String(proxy.port)))
    const seen = new Set<unknown>()
    fragile.createReceiver('orders').subscribe(
      {
        processMessage: async (message) => {
          seen.add(message.body)
          if (seen.size === 10) proxy.cut()
        },
        processError: async () => {},
      },
      { maxConcurrentCalls: 4 },
    )
    await client.createSender('orders').sendMessages(Array.from({ length: 60 }, (_, body) => ({ body })))
    await eventually(() => (bus.counts('orders')?.active === 0 ? true : undefined))
    expect(seen.size).toBe(60)
  })
})

describe('scheduling', () => {
  it('delivers when the time has come, under a new sequence number', async () => {
    const { client } = await busWith({ orders: {} })
    const sender = client.createSender('orders')
    const receiver = client.createReceiver('orders')
    const [far] = await sender.scheduleMessages({ body: 'far' }, new Date(Date.now() + 3_600_000))
    expect((await receiver.peekMessages(1))[0]).toMatchObject({ body: 'far', state: 'scheduled' })
    const due = Date.now() + 300
    await sender.scheduleMessages({ body: 'near' }, new Date(due))
    const message = await receiveOne(receiver)
    expect(message.body).toBe('near')
    expect(message.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(due)
    expect(message.sequenceNumber?.greaterThan(far ?? 0)).toBe(true)
  })

  it('cancels, once', async () => {
    const { client } = await busWith({ orders: {} })
    const sender = client.createSender('orders')
    const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], new Date(Date.now() + 60_000))
    await sender.cancelScheduledMessages(numbers)
    expect(await client.createReceiver('orders').peekMessages(10)).toEqual([])
    await expect(sender.cancelScheduledMessages(numbers)).rejects.toMatchObject({ code: 'MessageNotFound' })
  })
})

describe('refusals', () => {
  it('tells a sender and a receiver that an entity does not exist', async () => {
    const { client } = await busWith({ orders: {} })
    await expect(client.createSender('nowhere').sendMessages({ body: 1 })).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    })
    await expect(client.createReceiver('nowhere').receiveMessages(1)).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    })
  })

  it('refuses a wrong key', async () => {
    const { bus } = await busWith({ orders: {} })
    const stranger = connect(bus.connectionString.replace('SAS_KEY_VALUE', 'WRONG_KEY'), {
      retryOptions: { maxRetries: 0 },
    })
    await expect(stranger.createSender('orders').sendMessages({ body: 1 })).rejects.toMatchObject({
      code: 'UnauthorizedAccess',
    })
  })

  it('tells a sender that the queue is full; what was received makes room', async () => {
    const { bus } = await busWith({ orders: { MaxSizeInMegabytes: 1 } })
    const client = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
    const sender = client.createSender('orders')
    const body = Buffer.alloc(250_000)
    for (let i = 0; i < 4; i++) await sender.sendMessages({ body })
    await expect(sender.sendMessages({ body })).rejects.toMatchObject({ code: 'QuotaExceeded' })
    await receiveOne(client.createReceiver('orders', { receiveMode: 'receiveAndDelete' }))
    await sender.sendMessages({ body })
  })

  it('finds entities whatever the case of their names', async () => {
    const { client } = await busWith({ Orders: {} })
    await client.createSender('ORDERS').sendMessages({ body: 'x' })
    expect((await receiveOne(client.createReceiver('orders'))).body).toBe('x')
  })
})
