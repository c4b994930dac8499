import { ServiceBusAdministrationClient } from '@azure/service-bus'
import { describe, expect, it } from 'vitest'
import type { ServiceBus } from '../index.ts'
import { configOf, connect, startBus } from './bus.ts'

const topic = {
  Name: 'events',
  Properties: { DefaultMessageTimeToLive: 'PT1H' },
  Subscriptions: [
    {
      Name: 'blue',
      Properties: { MaxDeliveryCount: 3 },
      Rules: [
        {
          Name: 'colour',
          Properties: {
            FilterType: 'Correlation',
            CorrelationFilter: { Label: 'paint', Properties: { colour: 'blue', shade: 3, matt: true } },
          },
        },
      ],
    },
    { Name: 'all' },
  ],
}

/** The SDK's client, over HTTPS as always; it only has to trust the certificate. */
function administer(bus: ServiceBus, connectionString = bus.adminConnectionString as string) {
  const tlsOptions = { ca: bus.certificate as string }
  return new ServiceBusAdministrationClient(connectionString, { tlsOptions })
}

async function start() {
  const bus = await startBus({
    adminPort: 0,
    tls: true,
    config: configOf({ orders: { LockDuration: 'PT1M30S', RequiresSession: false }, 'team/returns': {} }, [
      topic,
    ]),
  })
  const administration = administer(bus)
  return { bus, administration, client: connect(bus.connectionString) }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = []
  for await (const item of items) result.push(item)
  return result
}

describe('the administration client of the SDK', () => {
  it('reads how many messages a queue holds: active, dead-lettered, scheduled', async () => {
    const { bus, administration, client } = await start()
    const sender = client.createSender('orders')
    await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }])
    await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + 3_600_000))
    const receiver = client.createReceiver('orders')
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 })
    if (message === undefined) throw new Error('no message came')
    await receiver.deadLetterMessage(message)
    const expected = {
      activeMessageCount: 2,
      deadLetterMessageCount: 1,
      scheduledMessageCount: 1,
      totalMessageCount: 4,
    }
    expect(await administration.getQueueRuntimeProperties('orders')).toMatchObject({
      name: 'orders',
      ...expected,
    })
    const listed = await all(administration.listQueuesRuntimeProperties())
    expect(listed.map((queue) => queue.name)).toEqual(['orders', 'team/returns'])
    expect(listed[0]).toMatchObject(expected)
    expect(bus.counts('orders')).toMatchObject({ active: 2, deadLettered: 1, scheduled: 1, deferred: 0 })
  })

  it('reads the settings of queues, topics, subscriptions and rules', async () => {
    const { administration } = await start()
    expect(await administration.getQueue('orders')).toMatchObject({
      name: 'orders',
      lockDuration: 'PT1M30S',
      maxDeliveryCount: 10,
      requiresSession: false,
      defaultMessageTimeToLive: 'P10675199DT2H48M5.4775807S',
    })
    expect(await administration.getTopic('events')).toMatchObject({
      name: 'events',
      defaultMessageTimeToLive: 'PT1H',
    })
    expect(await administration.getTopicRuntimeProperties('events')).toMatchObject({ subscriptionCount: 2 })
    expect((await all(administration.listSubscriptions('events'))).map((s) => s.subscriptionName)).toEqual([
      'all',
      'blue',
    ])
    expect(await administration.getSubscription('events', 'blue')).toMatchObject({ maxDeliveryCount: 3 })
    expect(await all(administration.listRules('events', 'blue'))).toMatchObject([
      {
        name: 'colour',
        filter: { subject: 'paint', applicationProperties: { colour: 'blue', shade: 3, matt: true } },
      },
    ])
    expect((await administration.getRule('events', 'all', '$Default')).filter).toEqual(
      expect.objectContaining({ sqlExpression: '1=1' }),
    )
    expect(await administration.getNamespaceProperties()).toMatchObject({ messagingSku: 'Standard' })
  })

  it('counts the messages of a subscription', async () => {
    const { administration, client } = await start()
    await client.createSender('events').sendMessages([{ body: 1 }, { body: 2 }])
    expect(await administration.getSubscriptionRuntimeProperties('events', 'all')).toMatchObject({
      activeMessageCount: 2,
    })
    expect(await administration.getSubscriptionRuntimeProperties('events', 'blue')).toMatchObject({
      activeMessageCount: 0,
    })
  })

  it('reads lists page by page', async () => {
    const { administration } = await start()
    const pages = administration.listQueues().byPage({ maxPageSize: 1 })
    expect((await all(pages)).map((page) => page.map((queue) => queue.name))).toEqual([
      ['orders'],
      ['team/returns'],
    ])
  })

  it('learns that an entity does not exist', async () => {
    const { administration } = await start()
    expect(await administration.queueExists('nowhere')).toBe(false)
    await expect(administration.getQueue('nowhere')).rejects.toMatchObject({
      code: 'MessageEntityNotFoundError',
    })
  })

  it('is refused with a wrong key; health is open to all', async () => {
    const { bus } = await start()
    const stranger = administer(
      bus,
      (bus.adminConnectionString as string).replace('SAS_KEY_VALUE', 'WRONG_KEY'),
    )
    await expect(stranger.getQueue('orders')).rejects.toMatchObject({ code: 'UnauthorizedRequestError' })
    // The port takes both.
    expect((await fetch(`http://localhost:${bus.adminPort}/health`)).status).toBe(200)
  })
})
