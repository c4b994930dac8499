import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceBusAdministrationClient, type ServiceBusClient } from '@azure/service-bus'
import Long from 'long'
import rhea from 'rhea'
import { describe, expect, it } from 'vitest'
import { type ServiceBus, type ServiceBusOptions, startServiceBus } from '../index.ts'
import { afterTest, configOf, connect, eventually, startBus } from './bus.ts'
import { code, rawClient } from './rawClient.ts'

// Expectations: the serializers of @azure/service-bus and of Azure.Messaging.ServiceBus, and Microsoft's REST reference.

async function start(options: ServiceBusOptions = {}) {
  const bus = await startBus({ adminPort: 0, tls: true, ...options })
  return { bus, administration: administer(bus), client: connect(bus.connectionString) }
}

function administer(bus: ServiceBus): ServiceBusAdministrationClient {
  const tlsOptions = { ca: bus.certificate as string }
  return new ServiceBusAdministrationClient(bus.adminConnectionString as string, { tlsOptions })
}

async function bodies(client: ServiceBusClient, ...entity: [string] | [string, string]): Promise<unknown[]> {
  const receiver = entity.length === 1 ? client.createReceiver(entity[0]) : client.createReceiver(...entity)
  return (await receiver.peekMessages(100, { fromSequenceNumber: Long.ONE })).map((message) => message.body)
}

async function names<T>(items: AsyncIterable<T>, name: (item: T) => string): Promise<string[]> {
  const found: string[] = []
  for await (const item of items) found.push(name(item))
  return found
}

describe('while the broker runs', () => {
  it('a queue is created with its settings, used, changed and deleted', async () => {
    const { administration, client } = await start()
    const created = await administration.createQueue('orders', {
      lockDuration: 'PT30S',
      maxDeliveryCount: 2,
      defaultMessageTimeToLive: 'P1D',
      deadLetteringOnMessageExpiration: true,
      requiresDuplicateDetection: true,
      duplicateDetectionHistoryTimeWindow: 'PT1M',
      maxSizeInMegabytes: 2048,
      userMetadata: 'mine & <yours>',
      autoDeleteOnIdle: 'PT1H',
    })
    const expected = {
      name: 'orders',
      lockDuration: 'PT30S',
      maxDeliveryCount: 2,
      defaultMessageTimeToLive: 'P1D',
      deadLetteringOnMessageExpiration: true,
      requiresDuplicateDetection: true,
      duplicateDetectionHistoryTimeWindow: 'PT1M',
      maxSizeInMegabytes: 2048,
      userMetadata: 'mine & <yours>',
      autoDeleteOnIdle: 'PT1H',
      status: 'Active',
    }
    expect(created).toMatchObject(expected)
    expect(await administration.getQueue('ORDERS')).toMatchObject(expected)
    await client.createSender('orders').sendMessages({ body: 1, messageId: 'a' })
    await client.createSender('orders').sendMessages({ body: 2, messageId: 'a' })
    expect(await bodies(client, 'orders')).toEqual([1])
    const receiver = client.createReceiver('orders')
    const changed = await administration.updateQueue({
      ...created,
      maxDeliveryCount: 1,
      lockDuration: 'PT5S',
    })
    expect(changed).toMatchObject({
      maxDeliveryCount: 1,
      lockDuration: 'PT5S',
      userMetadata: 'mine & <yours>',
    })
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 })
    if (message === undefined) throw new Error('no message came')
    expect((message.lockedUntilUtc?.getTime() ?? 0) - Date.now()).toBeLessThan(6000)
    await receiver.abandonMessage(message)
    expect(await administration.getQueueRuntimeProperties('orders')).toMatchObject({
      deadLetterMessageCount: 1,
    })
    await administration.deleteQueue('orders')
    expect(await administration.queueExists('orders')).toBe(false)
    await administration.createQueue('orders')
    expect(await administration.getQueueRuntimeProperties('orders')).toMatchObject({
      deadLetterMessageCount: 0,
      totalMessageCount: 0,
    })
  })

  it('topics and subscriptions come and go; a topic takes its subscriptions with it', async () => {
    const { administration, client } = await start()
    await administration.createTopic('events', { userMetadata: 'news' })
    await administration.createSubscription('events', 'all')
    await administration.createSubscription('events', 'red', {
      defaultRuleOptions: { name: 'red', filter: { sqlExpression: "colour = 'red'" } },
    })
    await client.createSender('events').sendMessages([
      { body: 1, applicationProperties: { colour: 'red' } },
      { body: 2, applicationProperties: { colour: 'blue' } },
    ])
    expect(await bodies(client, 'events', 'all')).toEqual([1, 2])
    expect(await bodies(client, 'events', 'red')).toEqual([1])
    expect(await names(administration.listTopics(), ({ name }) => name)).toEqual(['events'])
    const topics = names(
      administration.listTopicsRuntimeProperties(),
      (t) => `${t.name} ${t.subscriptionCount}`,
    )
    expect(await topics).toEqual(['events 2'])
    const counts = names(
      administration.listSubscriptionsRuntimeProperties('events'),
      (s) => `${s.subscriptionName} ${s.activeMessageCount}`,
    )
    expect(await counts).toEqual(['all 2', 'red 1'])
    expect([await administration.topicExists('Events'), await administration.topicExists('red')]).toEqual([
      true,
      false,
    ])
    expect([
      await administration.ruleExists('events', 'red', 'red'),
      await administration.ruleExists('events', 'red', '$Default'),
    ]).toEqual([true, false])
    const subscription = await administration.getSubscription('events', 'red')
    expect(subscription).toMatchObject({ topicName: 'events', subscriptionName: 'red' })
    await administration.updateSubscription({ ...subscription, maxDeliveryCount: 3 })
    expect(await administration.getSubscription('events', 'red')).toMatchObject({ maxDeliveryCount: 3 })
    expect(await names(administration.listRules('events', 'red'), (rule) => rule.name)).toEqual(['red'])
    await administration.updateTopic({ ...(await administration.getTopic('events')), userMetadata: 'old' })
    expect(await administration.getTopic('events')).toMatchObject({ userMetadata: 'old' })
    await administration.deleteSubscription('events', 'all')
    expect(await names(administration.listSubscriptions('events'), (s) => s.subscriptionName)).toEqual([
      'red',
    ])
    await administration.deleteTopic('events')
    expect(await administration.subscriptionExists('events', 'red')).toBe(false)
  })

  it('rules of every kind are created, read back as they were, changed and deleted', async () => {
    const { administration, client } = await start()
    await administration.createTopic('events')
    await administration.createSubscription('events', 's')
    await administration.deleteRule('events', 's', '$Default')
    const date = new Date('2026-01-02T03:04:05.000Z')
    await administration.createRule('events', 's', 'with spaces', { subject: 'none' })
    const spaced = await administration.getRule('events', 's', 'with spaces')
    expect(spaced).toMatchObject({ filter: { subject: 'none' } })
    await administration.deleteRule('events', 's', 'with spaces')
    await administration.createRule('events', 's', 'correlated', {
      subject: 'order',
      applicationProperties: { text: 'a<b', number: 1.5, flag: true, date },
    })
    await administration.createRule(
      'events',
      's',
      'sql',
      { sqlExpression: 'size > @least', sqlParameters: { '@least': 3 } },
      { sqlExpression: "SET size = size * 2; SET sys.Label = 'big'; REMOVE secret" },
    )
    expect(await administration.getRule('events', 's', 'correlated')).toMatchObject({
      filter: { subject: 'order', applicationProperties: { text: 'a<b', number: 1.5, flag: true, date } },
    })
    expect(await administration.getRule('events', 's', 'SQL')).toMatchObject({
      name: 'sql',
      filter: { sqlExpression: 'size > @least', sqlParameters: { '@least': 3 } },
      action: { sqlExpression: "SET size = size * 2; SET sys.Label = 'big'; REMOVE secret" },
    })
    const sender = client.createSender('events')
    await sender.sendMessages([
      { body: 'small', applicationProperties: { size: 3, secret: 'x' } },
      { body: 'large', subject: 'order', applicationProperties: { size: 4, secret: 'x', other: 'kept' } },
      {
        body: 'order',
        subject: 'order',
        applicationProperties: { text: 'a<b', number: 1.5, flag: true, date },
      },
    ])
    const found = await client.createReceiver('events', 's').peekMessages(10)
    expect(
      found.map(({ body, subject, applicationProperties }) => ({ body, subject, applicationProperties })),
    ).toEqual([
      { body: 'large', subject: 'big', applicationProperties: { size: 8, other: 'kept', RuleName: 'sql' } },
      {
        body: 'order',
        subject: 'order',
        applicationProperties: { text: 'a<b', number: 1.5, flag: true, date: date.getTime() },
      },
    ])
    const rule = await administration.getRule('events', 's', 'sql')
    await administration.updateRule('events', 's', { ...rule, filter: { sqlExpression: '1=0' } })
    await administration.deleteRule('events', 's', 'correlated')
    await sender.sendMessages({ body: 'more', applicationProperties: { size: 9 } })
    expect(await bodies(client, 'events', 's')).toEqual(['large', 'order'])
    await expect(
      administration.createRule('events', 's', 'bad', { sqlExpression: 'size >' }),
    ).rejects.toThrow(/A value is expected/)
  })

  it('conflicts, absences and nonsense are told apart as the service does', async () => {
    const { administration } = await start({ config: configOf({ orders: {} }) })
    await expect(administration.createQueue('Orders')).rejects.toMatchObject({
      code: 'MessageEntityAlreadyExistsError',
      statusCode: 409,
    })
    await expect(administration.createTopic('orders')).rejects.toMatchObject({ statusCode: 409 })
    await expect(administration.deleteQueue('nowhere')).rejects.toMatchObject({
      code: 'MessageEntityNotFoundError',
    })
    await expect(administration.createSubscription('nowhere', 's')).rejects.toMatchObject({ statusCode: 404 })
    const queue = await administration.getQueue('orders')
    await expect(administration.updateQueue({ ...queue, name: 'other' })).rejects.toMatchObject({
      statusCode: 404,
    })
    await expect(administration.updateQueue({ ...queue, requiresSession: true })).rejects.toThrow(
      /RequiresSession cannot/,
    )
    await expect(administration.createQueue('q', { lockDuration: 'PT6M' })).rejects.toThrow(
      /LockDuration: at most PT5M/,
    )
    await expect(administration.createQueue('q', { enablePartitioning: true })).rejects.toThrow(/partitioned/)
    await expect(administration.createQueue('q', { forwardTo: 'nowhere' })).rejects.toThrow(/not declared/)
    expect(await administration.queueExists('q')).toBe(false)
  })

  it('forwarding begins and ends with a change, and never goes in a circle', async () => {
    const { administration, client, bus } = await start({ config: configOf({ intake: {}, work: {} }) })
    const sender = client.createSender('intake')
    await sender.sendMessages({ body: 'waits' })
    const intake = await administration.getQueue('intake')
    const changed = await administration.updateQueue({ ...intake, forwardTo: 'work' })
    expect(changed.forwardTo).toBe(`sb://localhost:${bus.adminPort}/work`)
    await sender.sendMessages({ body: 'goes on' })
    expect(await bodies(client, 'work')).toEqual(['waits', 'goes on'])
    const work = await administration.getQueue('work')
    await expect(administration.updateQueue({ ...work, forwardTo: 'intake' })).rejects.toThrow(/in a circle/)
    await administration.createTopic('events')
    await administration.createSubscription('events', 's', { forwardTo: 'intake' })
    await expect(administration.updateQueue({ ...work, forwardTo: 'events' })).rejects.toThrow(/in a circle/)
    const { forwardTo: _, ...alone } = intake
    await administration.updateQueue(alone)
    await sender.sendMessages({ body: 'stays' })
    expect(await bodies(client, 'intake')).toEqual(['stays'])
  })

  it('who receives from a queue that begins to forward hears of it, and can settle what it holds', async () => {
    const { administration, bus } = await start({ config: configOf({ intake: {}, work: {} }) })
    const client = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
    await client.createSender('intake').sendMessages({ body: 1 })
    const errors: Error[] = []
    const receiver = client.createReceiver('intake')
    const settled = new Promise<void>((resolve, reject) => {
      receiver.subscribe(
        {
          async processMessage(message) {
            await administration.updateQueue({
              ...(await administration.getQueue('intake')),
              forwardTo: 'work',
            })
            await receiver.completeMessage(message).then(resolve, reject)
          },
          processError: async ({ error }) => void errors.push(error),
        },
        { autoCompleteMessages: false },
      )
    })
    await settled
    await eventually(() => errors.find(({ message }) => /forwards its messages to 'work'/.test(message)))
    expect(bus.counts('intake')).toMatchObject({ active: 0, deadLettered: 0 })
  })

  it('clients of a deleted entity are cut off, and find one that is made anew', async () => {
    const { administration, bus } = await start({ config: configOf({ orders: {} }) })
    const client = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
    const sender = client.createSender('orders')
    await sender.sendMessages({ body: 1 })
    const errors: { code?: string }[] = []
    const got: unknown[] = []
    client.createReceiver('orders').subscribe({
      processMessage: async ({ body }) => void got.push(body),
      processError: async ({ error }) => void errors.push(error as { code?: string }),
    })
    await eventually(() => (got.length === 1 ? true : undefined))
    await administration.deleteQueue('orders')
    await eventually(() => errors.find(({ code }) => code === 'MessagingEntityNotFound'))
    await expect(sender.sendMessages({ body: 2 })).rejects.toMatchObject({ code: 'MessagingEntityNotFound' })
    await administration.createQueue('orders')
    await eventually(() =>
      sender.sendMessages({ body: 3 }).then(
        () => true,
        () => undefined,
      ),
    )
    expect(bus.counts('orders')?.active).toBeGreaterThanOrEqual(0)
  })

  it('who waits for a session of an entity that is deleted, or shut, hears of it', async () => {
    const { administration, bus } = await start()
    const { send, next } = await rawClient(bus.port)
    const windows = { next_incoming_id: 0, incoming_window: 100, next_outgoing_id: 0, outgoing_window: 100 }
    const { wrap_described, wrap_symbolic_map } = rhea.types
    const anySession = wrap_symbolic_map({ 'com.microsoft:session-filter': null })
    for (const [handle, name] of ['gone', 'shut'].entries()) {
      await administration.createQueue(name, { requiresSession: true })
      const source = wrap_described([name, null, null, null, null, null, null, anySession], 0x28)
      send('attach', { name, role: true, handle, source })
    }
    // Its answer comes after the attaches were taken in.
    send('flow', { ...windows, echo: true })
    await next(code.flow)
    await administration.deleteQueue('gone')
    await administration.updateQueue({ ...(await administration.getQueue('shut')), status: 'Disabled' })
    for (const [handle, condition] of ['amqp:not-found', 'com.microsoft:entity-disabled'].entries()) {
      const { performative } = await next(code.detach, (fields) => fields.handle === handle)
      expect(performative).toMatchObject({ closed: true, error: { condition } })
    }
  })

  it('a status shuts an entity for senders or receivers, connected or new', async () => {
    const { administration, bus } = await start({ config: configOf({ orders: {} }) })
    const client = connect(bus.connectionString, { retryOptions: { maxRetries: 0 } })
    const sender = client.createSender('orders')
    await sender.sendMessages({ body: 1 })
    const queue = await administration.getQueue('orders')
    await administration.updateQueue({ ...queue, status: 'SendDisabled' })
    await expect(sender.sendMessages({ body: 2 })).rejects.toMatchObject({ code: 'MessagingEntityDisabled' })
    await expect(sender.scheduleMessages({ body: 2 }, new Date(Date.now() + 60_000))).rejects.toMatchObject({
      code: 'MessagingEntityDisabled',
    })
    const receiver = client.createReceiver('orders')
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 })).toHaveLength(1)
    await administration.updateQueue({ ...queue, status: 'ReceiveDisabled' })
    await expect(client.createReceiver('orders').receiveMessages(1)).rejects.toMatchObject({
      code: 'MessagingEntityDisabled',
    })
    await client.createSender('orders').sendMessages({ body: 3 })
    expect(await administration.getQueue('orders')).toMatchObject({ status: 'ReceiveDisabled' })
  })

  it('messages larger than the entity allows are refused', async () => {
    const { administration, client } = await start()
    await administration.createQueue('small', { maxMessageSizeInKilobytes: 1 })
    const sender = client.createSender('small')
    await sender.sendMessages({ body: Buffer.alloc(500) })
    await expect(sender.sendMessages({ body: Buffer.alloc(2000) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    })
  })
})

describe("a client's rule manager", () => {
  it('adds SQL filters with actions, keeps the types of values, and the rules outlive it', async () => {
    const { administration, client } = await start()
    await administration.createTopic('events')
    await administration.createSubscription('events', 's')
    const rules = client.createRuleManager('events', 's')
    await rules.deleteRule('$Default')
    await rules.createRule(
      'sql',
      { sqlExpression: "kind IN ('a', 'b')" },
      { sqlExpression: "SET kind = 'c'" },
    )
    await rules.createRule('correlated', { applicationProperties: { whole: 5, broken: 1.5, flag: false } })
    const listed = []
    for await (const rule of rules.listRules()) listed.push(rule)
    expect(listed).toMatchObject([
      {
        name: 'sql',
        filter: { sqlExpression: "kind IN ('a', 'b')" },
        action: { sqlExpression: "SET kind = 'c'" },
      },
      { name: 'correlated', filter: { applicationProperties: { whole: 5, broken: 1.5, flag: false } } },
    ])
    expect(await names(administration.listRules('events', 's'), ({ name }) => name)).toEqual([
      'sql',
      'correlated',
    ])
    await client.createSender('events').sendMessages([
      { body: 1, applicationProperties: { kind: 'a' } },
      { body: 2, applicationProperties: { kind: 'x' } },
      { body: 3, applicationProperties: { whole: 5, broken: 1.5, flag: false } },
    ])
    expect(await bodies(client, 'events', 's')).toEqual([1, 3])
    await expect(rules.createRule('bad', { sqlExpression: "kind = 'a" })).rejects.toThrow(/closing quote/)
    await expect(rules.deleteRule('bad')).rejects.toMatchObject({ code: 'MessagingEntityNotFound' })
  })
})

describe('a filter that cannot be evaluated', () => {
  it('sends the message to the dead-letter queue where the subscription asks for it', async () => {
    const { administration, client } = await start()
    await administration.createTopic('events')
    const defaultRuleOptions = { name: 'r', filter: { sqlExpression: 'size > 5' } }
    await administration.createSubscription('events', 'keeps', {
      defaultRuleOptions,
      deadLetteringOnFilterEvaluationExceptions: true,
    })
    await administration.createSubscription('events', 'drops', {
      defaultRuleOptions,
      deadLetteringOnFilterEvaluationExceptions: false,
    })
    await client.createSender('events').sendMessages({ body: 1, applicationProperties: { size: 'large' } })
    const dead = await client
      .createReceiver('events', 'keeps', { subQueueType: 'deadLetter' })
      .peekMessages(1)
    expect(dead[0]).toMatchObject({ body: 1, deadLetterReason: 'FilterException' })
    expect(await administration.getSubscriptionRuntimeProperties('events', 'drops')).toMatchObject({
      totalMessageCount: 0,
    })
  })
})

describe('what became of entities', () => {
  it('is kept with the data: created, changed and deleted, until the declaration changes', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sbus-entities-'))
    afterTest(() => rm(dataDir, { recursive: true, force: true }))
    const run = async (config: object) => {
      const bus = await startServiceBus({ port: 0, adminPort: 0, tls: true, dataDir, config })
      return { bus, administration: administer(bus), client: connect(bus.connectionString) }
    }
    const config = configOf({ declared: { MaxDeliveryCount: 5 }, unwanted: {} })
    const first = await run(config)
    await first.administration.createQueue('made', { userMetadata: 'x' })
    await first.administration.createTopic('events')
    await first.administration.createSubscription('events', 's')
    await first.administration.createRule('events', 's', 'sql', { sqlExpression: "a = 'b'" })
    const declared = await first.administration.getQueue('declared')
    await first.administration.updateQueue({ ...declared, maxDeliveryCount: 7 })
    await first.administration.deleteQueue('unwanted')
    await first.client.createSender('made').sendMessages({ body: 'kept' })
    await first.client.createSender('declared').sendMessages({ body: 'gone' })
    await first.administration.deleteQueue('declared')
    await first.administration.createQueue('declared', { maxDeliveryCount: 8 })
    const { certificate } = first.bus
    await first.client.close()
    await first.bus.close()

    const second = await run(config)
    expect(second.bus.certificate).toBe(certificate)
    expect(await names(second.administration.listQueues(), ({ name }) => name)).toEqual(['declared', 'made'])
    expect(await second.administration.getQueue('made')).toMatchObject({ userMetadata: 'x' })
    expect(await second.administration.getQueue('declared')).toMatchObject({ maxDeliveryCount: 8 })
    expect(second.bus.counts('declared')).toMatchObject({ active: 0 })
    expect(await bodies(second.client, 'made')).toEqual(['kept'])
    expect(await names(second.administration.listRules('events', 's'), ({ name }) => name)).toEqual([
      '$Default',
      'sql',
    ])
    await second.client.close()
    await second.bus.close()

    const third = await run(configOf({ declared: { MaxDeliveryCount: 6 }, unwanted: {} }))
    expect(await third.administration.getQueue('declared')).toMatchObject({ maxDeliveryCount: 6 })
    expect(await third.administration.queueExists('unwanted')).toBe(false)
    await third.client.close()
    await third.bus.close()
  })
})

describe('a reset', () => {
  it('takes everything out and restores what is declared; connected clients go on', async () => {
    const topic = { Name: 'events', Subscriptions: [{ Name: 's' }] }
    const { administration, bus, client } = await start({
      config: configOf(
        { orders: { ForwardDeadLetteredMessagesTo: 'dead' }, dead: {}, grouped: { RequiresSession: true } },
        [topic],
      ),
    })
    const sender = client.createSender('orders')
    await sender.sendMessages([{ body: 1 }, { body: 2 }])
    await sender.scheduleMessages({ body: 3 }, new Date(Date.now() + 3_600_000))
    await client.createSender('grouped').sendMessages({ body: 1, sessionId: 's' })
    await administration.createQueue('extra')
    await administration.deleteSubscription('events', 's')
    await administration.updateQueue({ ...(await administration.getQueue('orders')), maxDeliveryCount: 3 })
    await administration.deleteQueue('dead')
    bus.reset()
    expect(bus.counts('orders')).toMatchObject({ active: 0, scheduled: 0 })
    expect(bus.counts('grouped')).toMatchObject({ active: 0 })
    expect(await names(administration.listQueues(), ({ name }) => name)).toEqual([
      'dead',
      'grouped',
      'orders',
    ])
    expect(await administration.getQueue('orders')).toMatchObject({ maxDeliveryCount: 10 })
    expect(await names(administration.listRules('events', 's'), ({ name }) => name)).toEqual(['$Default'])
    await sender.sendMessages({ body: 'again' })
    expect(await bodies(client, 'orders')).toEqual(['again'])

    const url = `http://localhost:${bus.adminPort}/$reset`
    expect((await fetch(url, { method: 'POST' })).status).toBe(401)
    const response = await fetch(url, { method: 'POST', headers: { authorization: signature(url) } })
    expect(response.status).toBe(204)
    expect(bus.counts('orders')).toMatchObject({ active: 0 })
  })
})

function signature(url: string): string {
  const resource = encodeURIComponent(url)
  const expiry = Math.floor(Date.now() / 1000) + 60
  const hash = createHmac('sha256', 'SAS_KEY_VALUE').update(`${resource}\n${expiry}`).digest('base64')
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(hash)}&se=${expiry}&skn=RootManageSharedAccessKey`
}
