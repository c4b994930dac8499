/** How messages are delivered: in batches and sessions, while hosts come and go. */
import { fileURLToPath } from 'node:url'
import { ServiceBusClient } from '@azure/service-bus'
import { type ServiceBus, startServiceBus } from 'local-service-bus'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type FunctionsHost, startFunctionsHost } from '../index.ts'

const appRoot = fileURLToPath(new URL('../fixtures/messages', import.meta.url))

const queue = (Name: string, properties = {}) => ({
  Name,
  Properties: { LockDuration: 'PT1M', ...properties },
})
const inSessions = { RequiresSession: true }
const briefly = { LockDuration: 'PT2S' }
const config = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'test',
        Queues: [
          ...['done', 'batches', 'work', 'binary'].map((name) => queue(name)),
          ...['sessions', 'session-batches'].map((name) => queue(name, inSessions)),
          ...['shortLock', 'unsettled'].map((name) => queue(name, briefly)),
        ],
        Topics: [{ Name: 'news', Properties: {}, Subscriptions: [{ Name: 'all', Properties: {} }] }],
      },
    ],
  },
}

let broker: ServiceBus
let client: ServiceBusClient
const hosts: FunctionsHost[] = []

beforeAll(async () => {
  broker = await startServiceBus({ port: 0, config })
  client = new ServiceBusClient(broker.connectionString)
})

afterAll(async () => {
  await client?.close()
  await broker?.close()
})

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()))
})

/** A host with only the functions that a test is about: messages that others left behind are none of its business. */
async function start(functions: string, settings: Record<string, string> = {}): Promise<FunctionsHost> {
  const host = await startFunctionsHost({
    appRoot,
    port: 0,
    settings: {
      Bus: broker.connectionString,
      AzureFunctionsJobHost__functions__0: functions,
      ...settings,
    },
    log: { write() {}, coloured: false },
  })
  hosts.push(host)
  return host
}

interface Passed {
  n: number
  deliveryCount: number
  retryCount?: number
  /** The size of the batch that it came in. */
  batch?: number
}

const receiving = { receiveMode: 'receiveAndDelete' } as const

/** What the app passed on: `count` bodies, or fewer where no more comes. */
async function receiveDone(count: number, receiver = client.createReceiver('done', receiving)) {
  const bodies: Passed[] = []
  while (bodies.length < count) {
    const messages = await receiver.receiveMessages(count - bodies.length, { maxWaitTimeInMs: 15_000 })
    if (messages.length === 0) break
    bodies.push(...messages.map(({ body }) => body))
  }
  await receiver.close()
  return bodies
}

async function send(name: string, ...messages: object[]) {
  const sender = client.createSender(name)
  await sender.sendMessages(messages.map((message) => ({ body: {}, ...message })))
  await sender.close()
}

// A message that a host took and then left behind would come again only when its lock of a minute has ended.
test.each([
  ['batches', 'batches'],
  ['sessions', 'sessions'],
  ['session-batches', 'sessionBatches'],
])(
  'a message of "%s" is delivered once, and at once, while one host takes over from another',
  async (name, fn) => {
    const sender = client.createSender(name)
    let host = await start(fn)
    let sending = true
    let sent = 0
    const source = (async () => {
      while (sending) {
        await sender.sendMessages({ sessionId: `session-${sent % 4}`, body: { n: sent++ } })
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })()
    for (let change = 0; change < 4; change++) {
      await new Promise((resolve) => setTimeout(resolve, 150))
      const next = await start(fn)
      await host.close()
      host = next
    }
    sending = false
    await source
    const bodies = await receiveDone(sent)
    expect(bodies.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: sent }, (_, n) => n),
    )
    expect(new Set(bodies.map(({ deliveryCount }) => deliveryCount))).toEqual(new Set([1]))
  },
)

describe('an output to a topic', () => {
  const publish = async (count: number, size: number) => {
    const host = await start('publish')
    const body = JSON.stringify({ count, size })
    const { status } = await fetch(`${host.url}/api/publish`, { method: 'POST', body })
    return status
  }
  const subscriber = () => client.createReceiver('news', 'all', receiving)

  test('may be an array larger than any batch', async () => {
    expect(await publish(600, 1_000)).toBe(202)
    const bodies = await receiveDone(600, subscriber())
    expect(bodies.map(({ n }) => n)).toEqual(Array.from({ length: 600 }, (_, n) => n))
  })

  test('of a message that is too large fails the invocation', async () => {
    expect(await publish(2, 2_000_000)).toBe(500)
  })
})

describe('a message', () => {
  test('whose function runs into its timeout is given back, and comes again', async () => {
    await start('work', { AzureFunctionsJobHost__functionTimeout: '00:00:01' })
    await send('work', { body: { id: 'timeout', slowTimes: 1, wait: 20_000 } })
    expect(await receiveDone(1)).toMatchObject([{ id: 'timeout', deliveryCount: 2 }])
  })

  test('is tried again by the policy of host.json before it is given back', async () => {
    await start('work', {
      AzureFunctionsJobHost__retry__strategy: 'fixedDelay',
      AzureFunctionsJobHost__retry__maxRetryCount: '2',
      AzureFunctionsJobHost__retry__delayInterval: '00:00:00',
    })
    await send('work', { body: { id: 'retried', failures: 4 } })
    // Three attempts fail, and with them the first delivery; of the second one the second attempt succeeds.
    expect(await receiveDone(1)).toMatchObject([{ id: 'retried', deliveryCount: 2, retryCount: 1 }])
  })

  test('stays locked for as long as its function runs', async () => {
    await start('shortLock')
    await send('shortLock', { body: { id: 'long', slowTimes: 1, wait: 3_500 } })
    expect(await receiveDone(1)).toMatchObject([{ id: 'long', deliveryCount: 1 }])
  })

  test('is not completed where the function says that it does so itself', async () => {
    await start('unsettled', {
      AzureFunctionsJobHost__extensions__serviceBus__maxAutoLockRenewalDuration: '00:00:00',
    })
    await send('unsettled', { body: { id: 'kept' } })
    expect(await receiveDone(2)).toMatchObject([{ deliveryCount: 1 }, { deliveryCount: 2 }])
  })

  test('arrives as bytes where the function wants them', async () => {
    await start('binary')
    await send('binary', { body: Buffer.from([0, 255, 1]) })
    expect(await receiveDone(1)).toEqual([{ hex: '00ff01' }])
  })
})

describe('a batch', () => {
  const bus = 'AzureFunctionsJobHost__extensions__serviceBus__'

  test('waits until it has as many messages as host.json asks for', async () => {
    await start('batches', { [`${bus}minMessageBatchSize`]: '5', [`${bus}maxBatchWaitTime`]: '00:01:00' })
    for (let n = 0; n < 5; n++) {
      await send('batches', { body: { n } })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect((await receiveDone(5)).map(({ batch }) => batch)).toEqual([5, 5, 5, 5, 5])
  })

  test('waits no longer than host.json allows', async () => {
    await start('batches', { [`${bus}minMessageBatchSize`]: '5', [`${bus}maxBatchWaitTime`]: '00:00:01' })
    await send('batches', { body: { n: 0 } }, { body: { n: 1 } })
    expect((await receiveDone(2)).map(({ batch }) => batch)).toEqual([2, 2])
  })

  test('has at most as many messages as host.json says, and of one session only', async () => {
    const messages = Array.from({ length: 12 }, (_, n) => ({ sessionId: `session-${n % 2}`, body: { n } }))
    await send('session-batches', ...messages)
    await start('sessionBatches', { [`${bus}maxMessageBatchSize`]: '4' })
    const bodies = await receiveDone(12)
    for (const parity of [0, 1]) {
      const own = bodies.filter(({ n }) => n % 2 === parity)
      expect(own.map(({ n }) => n)).toEqual([0, 2, 4, 6, 8, 10].map((n) => n + parity))
      expect(own.map(({ batch }) => batch)).toEqual([4, 4, 4, 4, 2, 2])
    }
  })
})
