/** Service Bus triggers and outputs of the host, over the real SDK and a real broker. */
import { fileURLToPath } from 'node:url'
import { ServiceBusClient } from '@azure/service-bus'
import { type ServiceBus, startServiceBus } from 'local-service-bus'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type FunctionsHost, startFunctionsHost } from './index.ts'

const appRoot = fileURLToPath(new URL('fixtures/everything', import.meta.url))
const waiting = { timeout: 30_000, interval: 50 }

interface Seen {
  function: string
  message?: unknown
  messages?: unknown[]
  metadata: Record<string, unknown>
}

const queue = (Name: string) => ({ Name, Properties: { LockDuration: 'PT1M', MaxDeliveryCount: 3 } })
const kinds = ['batchOfText', 'batchOfBytes', 'single', 'singleBytes']
const queues = ['work', 'done', 'batch', ...kinds].map(queue)
const sessions = { Name: 'sessions', Properties: { LockDuration: 'PT1M', RequiresSession: true } }
const topic = { Name: 'events', Properties: {}, Subscriptions: [{ Name: 'all', Properties: {} }] }
const config = {
  UserConfig: {
    Namespaces: [{ Name: 'test', Queues: [...queues, sessions], Topics: [topic] }],
    Logging: { Type: 'Console' },
  },
}

let broker: ServiceBus
let client: ServiceBusClient
let host: FunctionsHost

beforeAll(async () => {
  broker = await startServiceBus({ port: 0, config })
  client = new ServiceBusClient(broker.connectionString)
  host = await start()
})

afterAll(async () => {
  await host?.close()
  await client?.close()
  await broker?.close()
})

const start = () =>
  startFunctionsHost({
    appRoot,
    port: 0,
    settings: {
      ServiceBusConnection: broker.connectionString,
      WorkQueue: 'work',
      BatchQueue: 'batch',
      Topic: 'events',
      KindsOfMessages: 'yes',
    },
    log: { write() {}, coloured: false },
  })

async function seen(): Promise<Seen[]> {
  return (await fetch(`${host.url}/api/seen`)).json() as Promise<Seen[]>
}

async function send(to: string, ...messages: object[]) {
  const sender = client.createSender(to)
  await sender.sendMessages(messages.map((message) => ({ body: {}, ...message })))
  await sender.close()
}

async function receive(from: string, count: number, options = {}) {
  const receiver = client.createReceiver(from, { receiveMode: 'receiveAndDelete', ...options })
  const messages = []
  while (messages.length < count) {
    const more = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 20_000 })
    if (more.length === 0) break
    messages.push(...more)
  }
  await receiver.close()
  return messages
}

describe('a queue trigger', () => {
  test('gets the parsed body and the metadata of the real extension, and its output is sent', async () => {
    await send('work', {
      messageId: 'first-message',
      body: { orderId: 7 },
      subject: 'greeting',
      contentType: 'application/json',
      correlationId: 'abc',
      applicationProperties: { Tenant: 'contoso' },
    })
    const [output] = await receive('done', 1)
    expect(output).toMatchObject({ body: { handled: 'first-message' }, contentType: 'application/json' })
    const call = (await seen()).find(({ metadata }) => metadata.messageId === 'first-message')
    expect(call).toMatchObject({
      function: 'work',
      message: { orderId: 7 },
      metadata: {
        messageId: 'first-message',
        deliveryCount: 1,
        subject: 'greeting',
        label: 'greeting',
        contentType: 'application/json',
        correlationId: 'abc',
        // The programming model lowers the first letter of every key.
        applicationProperties: { tenant: 'contoso' },
        sequenceNumber: expect.any(Number),
        lockToken: expect.stringMatching(/^[0-9a-f-]{36}$/),
        // Without a zone, as seen under the real host.
        enqueuedTimeUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+$/),
        enqueuedTime: expect.stringMatching(/\+00:00$/),
      },
    })
    expect(call?.metadata).not.toHaveProperty('replyTo')
  })

  test('a failed message is delivered again at once, and counted', async () => {
    await send('work', { messageId: 'twice', body: { failures: 1 } })
    await receive('done', 1)
    const counts = (await seen())
      .filter(({ metadata }) => metadata.messageId === 'twice')
      .map(({ metadata }) => metadata.deliveryCount)
    expect(counts).toEqual([1, 2])
  })

  test('a message that fails as often as the queue allows is dead-lettered', async () => {
    await send('work', { messageId: 'hopeless', body: { failures: 99 } })
    const [dead] = await receive('work', 1, { subQueueType: 'deadLetter' })
    expect(dead).toMatchObject({ messageId: 'hopeless', deadLetterReason: 'MaxDeliveryCountExceeded' })
    const calls = (await seen()).filter(({ metadata }) => metadata.messageId === 'hopeless')
    expect(calls).toHaveLength(3)
  })

  test('text that is not JSON arrives as text', async () => {
    await send('work', { messageId: 'text', body: Buffer.from('plain text') })
    await receive('done', 1)
    expect((await seen()).find(({ metadata }) => metadata.messageId === 'text')?.message).toBe('plain text')
  })

  test('an array as output becomes one message an element', async () => {
    await send('work', { body: { outputs: [{ n: 1 }, { n: 2 }, 'three'] } })
    const outputs = await receive('done', 3)
    expect(outputs.map(({ contentType }) => contentType)).toEqual([
      'application/json',
      'application/json',
      'text/plain',
    ])
    expect(outputs.slice(0, 2).map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('a mix of successes and failures settles each message as it ended', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `mixed-${index}`)
    await send('work', ...ids.map((messageId, index) => ({ messageId, body: { failures: index % 2 } })))
    const outputs = await receive('done', ids.length)
    expect(new Set(outputs.map(({ body }) => body.handled))).toEqual(new Set(ids))
    const calls = (await seen()).filter(({ metadata }) => String(metadata.messageId).startsWith('mixed-'))
    expect(calls).toHaveLength(90)
  })

  test('a stop lets the running invocation end and loses no message', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `stop-${index}`)
    await send('work', ...ids.map((messageId) => ({ messageId, body: { wait: 300 } })))
    await vi.waitFor(async () => {
      const calls = (await seen()).filter(({ metadata }) => String(metadata.messageId).startsWith('stop-'))
      expect(calls.length).toBeGreaterThan(0)
    }, waiting)
    await host.close()
    host = await start()
    const outputs = await receive('done', ids.length)
    expect(outputs.map(({ body }) => body.handled).toSorted()).toEqual(ids.toSorted())
    const [dead] = await client.createReceiver('work', { subQueueType: 'deadLetter' }).peekMessages(1)
    expect(dead).toBeUndefined()
  })
})

test('a batch trigger gets many messages and arrays of their metadata', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `batch-${index}`)
  await send('batch', ...ids.map((messageId, index) => ({ messageId, body: { index } })))
  const calls = await vi.waitFor(async () => {
    const batches = (await seen()).filter((call) => call.function === 'batch')
    const total = batches.flatMap(({ metadata }) => metadata.messageIdArray)
    expect(total).toHaveLength(ids.length)
    return batches
  }, waiting)
  expect(calls.flatMap(({ messages }) => messages)).toEqual(ids.map((_, index) => ({ index })))
  expect(calls.flatMap(({ metadata }) => metadata.messageIdArray)).toEqual(ids)
  expect(calls[0]?.metadata.deliveryCountArray).toContain(1)
})

/** What Azure does to messages, as seen under the real host with its Service Bus extension. */
describe('as in Azure', () => {
  const arrived = (name: string, count: number) =>
    vi.waitFor(async () => {
      const calls = (await seen()).filter((call) => call.function === name)
      expect(calls.flatMap(({ messages = [] }) => messages)).toHaveLength(count)
      return calls
    }, waiting)

  test('one body that is no JSON object fails its whole batch, which the function never sees', async () => {
    const ids = ['good-1', 'bad', 'good-2']
    await send(
      'batch',
      ...ids.map((messageId) => ({ messageId, body: messageId === 'bad' ? Buffer.from('not json') : {} })),
    )
    const dead = await receive('batch', ids.length, { subQueueType: 'deadLetter' })
    expect(dead.map(({ messageId }) => messageId)).toEqual(ids)
    expect(dead.map(({ deadLetterReason }) => deadLetterReason)).toContain('MaxDeliveryCountExceeded')
    const handled = (await seen()).flatMap(({ metadata }) => metadata.messageIdArray ?? [])
    expect(handled).not.toContain('good-1')
  })

  const sent = ['{"n":1}', '', 'not json', '4'].map((body, at) => ({
    body: Buffer.from(body),
    messageId: `m${at}`,
    ...(at === 3 && { correlationId: 'only here' }),
  }))

  test('asked for text, a batch has bodies of every kind, but no empty ones', async () => {
    await send('batchOfText', ...sent)
    const calls = await arrived('batchOfText', 3)
    expect(calls.flatMap(({ messages }) => messages)).toEqual([{ n: 1 }, 'not json', 4])
    expect(calls.flatMap(({ metadata }) => metadata.messageIdArray)).toHaveLength(4)
  })

  test('asked for bytes, it has all; arrays of text lack what is empty', async () => {
    await send('batchOfBytes', ...sent)
    const calls = await arrived('batchOfBytes', 4)
    expect(calls.flatMap(({ messages }) => messages)).toEqual(
      ['{"n":1}', '', 'not json', '4'].map((bytes) => ({ bytes })),
    )
    const all = (name: string) => calls.flatMap(({ metadata }) => metadata[name])
    expect(all('correlationIdArray')).toEqual(['only here'])
    expect(all('sequenceNumberArray')[0]).toMatchObject({ high: expect.any(Number), unsigned: false })
    expect(all('enqueuedTimeUtcArray')[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+$/)
    expect(calls[0]?.metadata).not.toHaveProperty('deadLetterReasonArray')
  })

  test('the body of a single message overwrites what is told of it, unless the function asks for bytes', async () => {
    const body = {
      messageId: 'spoofed',
      deliverycount: 77,
      enqueuedTimeUtc: 'evil',
      lockToken: [1],
      own: true,
    }
    await send('single', { messageId: 'true', body })
    await send('singleBytes', { messageId: 'true', body })
    const [single] = await arrived('single', 1)
    expect(single?.metadata).toMatchObject({
      messageId: 'spoofed',
      deliveryCount: 77,
      enqueuedTimeUtc: 'evil',
      lockToken: expect.any(String),
      own: 'True',
    })
    const [bytes] = await arrived('singleBytes', 1)
    expect(bytes?.metadata).toMatchObject({ messageId: true, deliveryCount: 1 })
    expect(bytes?.metadata).not.toHaveProperty('own')
  })

  test('a body that is neither data nor text is not bound, and ends among the dead letters', async () => {
    const sender = client.createSender('single')
    await sender.sendMessages({ body: { a: 1 }, bodyType: 'value', properties: { messageId: 'value' } })
    await sender.close()
    const dead = await receive('single', 1, { subQueueType: 'deadLetter' })
    expect(dead[0]).toMatchObject({ messageId: 'value', deadLetterReason: 'MaxDeliveryCountExceeded' })
  })
})

test('a subscription of a topic triggers like a queue', async () => {
  await send('events', { messageId: 'event', body: { kind: 'placed' } })
  const call = await vi.waitFor(async () => {
    const found = (await seen()).find((one) => one.function === 'subscriber')
    expect(found).toBeDefined()
    return found
  }, waiting)
  expect(call).toMatchObject({
    message: { kind: 'placed' },
    metadata: { messageId: 'event', deliveryCount: 1 },
  })
})

test('messages of a session are handled in their order, sessions beside one another', async () => {
  const ids = ['red', 'green', 'blue']
  const messages = ids.flatMap((sessionId) =>
    Array.from({ length: 10 }, (_, index) => ({ sessionId, body: { index } })),
  )
  await send('sessions', ...messages)
  const calls = await vi.waitFor(async () => {
    const found = (await seen()).filter((one) => one.function === 'sessions')
    expect(found).toHaveLength(messages.length)
    return found
  }, waiting)
  for (const sessionId of ids) {
    const own = calls.filter(({ metadata }) => metadata.sessionId === sessionId)
    expect(own.map(({ message }) => message)).toEqual(own.map((_, index) => ({ index })))
  }
})

test('a paused function receives nothing while others do, goes on with what waited, and all of it is counted', async () => {
  const states = async () =>
    (await (await fetch(`${host.url}/admin/local/functions`)).json()) as {
      name: string
      isPaused: boolean
      invocations: number
    }[]
  const stateOf = async (name: string) => (await states()).find((fn) => fn.name === name)
  const before = (await stateOf('batch'))?.invocations ?? 0
  await host.pause(['batch'])
  await client.createSender('batch').sendMessages({ body: { n: 'waits' } })
  await client.createSender('work').sendMessages({ body: { n: 'passes' } })
  await vi.waitFor(
    async () => expect((await seen()).some((call) => JSON.stringify(call).includes('"passes"'))).toBe(true),
    waiting,
  )
  expect(await stateOf('batch')).toMatchObject({ isPaused: true, invocations: before })
  expect(broker.counts('batch')?.active).toBe(1)
  await host.pause([])
  await vi.waitFor(
    async () => expect((await seen()).some((call) => JSON.stringify(call).includes('"waits"'))).toBe(true),
    waiting,
  )
  await vi.waitFor(
    async () => expect(await stateOf('batch')).toMatchObject({ isPaused: false, invocations: before + 1 }),
    waiting,
  )
})
