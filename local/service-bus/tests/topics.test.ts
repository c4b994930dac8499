import type { ServiceBusClient } from '@azure/service-bus'
import { describe, expect, it } from 'vitest'
import { busWith, connect, eventually, startBus } from './bus.ts'

function topic(
  subscriptions: Record<string, { properties?: object; rules?: object[] }>,
  properties: object = {},
) {
  return {
    Name: 'events',
    Properties: properties,
    Subscriptions: Object.entries(subscriptions).map(([Name, { properties = {}, rules = [] }]) => ({
      Name,
      Properties: properties,
      Rules: rules,
    })),
  }
}

function correlation(name: string, filter: object) {
  return { Name: name, Properties: { FilterType: 'Correlation', CorrelationFilter: filter } }
}

/** The bodies of the messages that a subscription holds. */
async function bodies(client: ServiceBusClient, subscription: string): Promise<unknown[]> {
  return (await client.createReceiver('events', subscription).peekMessages(100)).map((m) => m.body)
}

describe('topics', () => {
  it('give every subscription its own copy, settled on its own', async () => {
    const { client } = await busWith({}, [topic({ one: {}, two: {} })])
    await client.createSender('events').sendMessages([{ body: 'a' }, { body: 'b' }])
    const one = client.createReceiver('events', 'one')
    for (const message of await one.receiveMessages(2, { maxWaitTimeInMs: 20_000 }))
      await one.completeMessage(message)
    expect(await bodies(client, 'two')).toEqual(['a', 'b'])
  })

  it('deliver by correlation filters on system and application properties', async () => {
    const { client } = await busWith({}, [
      topic({
        everything: {},
        paid: { rules: [correlation('paid', { Label: 'order', Properties: { status: 'paid', tier: 2 } })] },
        either: {
          rules: [correlation('id', { CorrelationId: 'c1' }), correlation('to', { To: 'somewhere' })],
        },
        nothing: {
          rules: [{ Name: 'no', Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression: '1=0' } } }],
        },
      }),
    ])
    await client.createSender('events').sendMessages([
      { body: 1, subject: 'order', applicationProperties: { status: 'paid', tier: 2 } },
      { body: 2, subject: 'order', applicationProperties: { status: 'open', tier: 2 } },
      { body: 3, correlationId: 'c1' },
      { body: 4, to: 'somewhere', correlationId: 'c2' },
      { body: 5, to: 'somewhere', correlationId: 'c1' },
    ])
    expect(await bodies(client, 'everything')).toEqual([1, 2, 3, 4, 5])
    expect(await bodies(client, 'paid')).toEqual([1])
    expect(await bodies(client, 'either')).toEqual([3, 4, 5])
    expect(await bodies(client, 'nothing')).toEqual([])
  })

  it('hold scheduled messages until they are due, and can cancel them', async () => {
    const { client } = await busWith({}, [topic({ one: {} })])
    const sender = client.createSender('events')
    const inAnHour = new Date(Date.now() + 3_600_000)
    const [cancelled] = await sender.scheduleMessages([{ body: 'cancelled' }, { body: 'far' }], inAnHour)
    await sender.cancelScheduledMessages(cancelled as NonNullable<typeof cancelled>)
    expect((await client.createReceiver('events').peekMessages(10)).map((m) => m.body)).toEqual(['far'])
    await sender.scheduleMessages({ body: 'near' }, new Date(Date.now() + 300))
    const [message] = await client
      .createReceiver('events', 'one')
      .receiveMessages(1, { maxWaitTimeInMs: 20_000 })
    expect(message?.body).toBe('near')
    expect(await bodies(client, 'one')).toEqual(['near'])
  })

  it('have dead-letter queues in their subscriptions', async () => {
    const { client } = await busWith({}, [topic({ one: {} })])
    await client.createSender('events').sendMessages({ body: 'bad' })
    const receiver = client.createReceiver('events', 'one')
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 })
    if (message === undefined) throw new Error('no message came')
    await receiver.deadLetterMessage(message, { deadLetterReason: 'no good', deadLetterErrorDescription: '' })
    const deadLetters = client.createReceiver('events', 'one', { subQueueType: 'deadLetter' })
    expect((await deadLetters.receiveMessages(1, { maxWaitTimeInMs: 20_000 }))[0]?.deadLetterReason).toBe(
      'no good',
    )
  })

  it('let a client list, remove and add the rules of a subscription', async () => {
    const { client } = await busWith({}, [topic({ one: {} })])
    const rules = client.createRuleManager('events', 'one')
    await rules.deleteRule('$Default')
    await rules.createRule('blue', { applicationProperties: { colour: 'blue' }, subject: 'paint' })
    const listed = []
    for await (const rule of rules.listRules()) listed.push(rule)
    expect(listed).toMatchObject([
      { name: 'blue', filter: { subject: 'paint', applicationProperties: { colour: 'blue' } } },
    ])
    await expect(rules.createRule('blue', { subject: 'x' })).rejects.toMatchObject({
      code: 'MessagingEntityAlreadyExists',
    })
    await client.createSender('events').sendMessages([
      { body: 'red', subject: 'paint', applicationProperties: { colour: 'red' } },
      { body: 'blue', subject: 'paint', applicationProperties: { colour: 'blue' } },
    ])
    expect(await bodies(client, 'one')).toEqual(['blue'])
  })

  it('refuse a receiver on the topic itself and a sender to a subscription', async () => {
    const { bus } = await busWith({}, [topic({ one: {} })])
    const client = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
    await expect(client.createReceiver('events').receiveMessages(1)).rejects.toThrow(/topic/)
    await expect(client.createSender('events/Subscriptions/one').sendMessages({ body: 1 })).rejects.toThrow(
      /cannot be sent/,
    )
  })
})

describe('auto-forwarding', () => {
  it('passes messages, and dead letters, on to another queue', async () => {
    const { client } = await busWith({
      intake: { ForwardTo: 'work' },
      work: { MaxDeliveryCount: 1, ForwardDeadLetteredMessagesTo: 'morgue' },
      morgue: {},
    })
    await client.createSender('intake').sendMessages({ body: 'x', messageId: 'm1' })
    const receiver = client.createReceiver('work')
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 })
    if (message === undefined) throw new Error('no message came')
    await receiver.abandonMessage(message)
    const [dead] = await client.createReceiver('morgue').receiveMessages(1, { maxWaitTimeInMs: 20_000 })
    expect(dead).toMatchObject({ body: 'x', messageId: 'm1', deadLetterReason: 'MaxDeliveryCountExceeded' })
  })

  it('is checked at the start: the target must be declared', async () => {
    const config = {
      UserConfig: { Namespaces: [{ Queues: [{ Name: 'a', Properties: { ForwardTo: 'b' } }] }] },
    }
    await expect(startBus({ config })).rejects.toThrow(/'b', which is not declared/)
  })
})

describe('time to live', () => {
  it('drops what has expired, or dead-letters it when asked to', async () => {
    const { client } = await busWith({
      dropping: {},
      keeping: { DeadLetteringOnMessageExpiration: true, DefaultMessageTimeToLive: 'PT1S' },
    })
    await client.createSender('dropping').sendMessages({ body: 'x', timeToLive: 300 })
    await client.createSender('keeping').sendMessages({ body: 'y', timeToLive: 3_600_000 })
    const dropping = client.createReceiver('dropping')
    const dead = client.createReceiver('keeping', { subQueueType: 'deadLetter' })
    await eventually(async () => ((await dropping.peekMessages(1)).length === 0 ? true : undefined))
    const [expired] = await dead.receiveMessages(1, { maxWaitTimeInMs: 20_000 })
    expect(expired).toMatchObject({ body: 'y', deadLetterReason: 'TTLExpiredException' })
    expect(await dropping.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([])
  })
})

describe('duplicate detection', () => {
  it('accepts a message id once within the window', async () => {
    const { client } = await busWith({ orders: { RequiresDuplicateDetection: true } })
    const sender = client.createSender('orders')
    await sender.sendMessages({ body: 'first', messageId: 'm1' })
    await sender.sendMessages({ body: 'repeated', messageId: 'm1' })
    await sender.sendMessages([
      { body: 'in a batch', messageId: 'm1' },
      { body: 'other', messageId: 'm2' },
    ])
    const receiver = client.createReceiver('orders')
    expect((await receiver.peekMessages(10)).map((m) => m.body)).toEqual(['first', 'other'])
  })

  it('accepts it again after the window', async () => {
    const { bus, client } = await busWith({
      orders: { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT0.5S' },
    })
    const sender = client.createSender('orders')
    await eventually(async () => {
      await sender.sendMessages({ body: 'x', messageId: 'm1' })
      return bus.counts('orders')?.active === 2 ? true : undefined
    })
  })
})
