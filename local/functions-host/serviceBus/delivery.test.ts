/** How messages are delivered: in batches and sessions, while hosts come and go. */
import { fileURLToPath } from 'node:url'
import { ServiceBusClient } from '@azure/service-bus'
import { type ServiceBus, startServiceBus } from '@store/local-service-bus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFunctionsHost } from '../index.ts'

const appRoot = fileURLToPath(new URL('../fixtures/messages', import.meta.url))

const queue = (Name: string, RequiresSession = false) => ({
  Name,
  Properties: { LockDuration: 'PT1M', RequiresSession },
})
const config = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'test',
        Queues: [queue('done'), queue('batches'), queue('sessions', true), queue('session-batches', true)],
        Topics: [{ Name: 'news', Properties: {}, Subscriptions: [{ Name: 'all', Properties: {} }] }],
      },
    ],
  },
}

let broker: ServiceBus
let client: ServiceBusClient

beforeAll(async () => {
  broker = await startServiceBus({ port: 0, config })
  client = new ServiceBusClient(broker.connectionString)
})

afterAll(async () => {
  await client?.close()
  await broker?.close()
})

const start = (settings: Record<string, string> = {}) =>
  startFunctionsHost({
    appRoot,
    port: 0,
    settings: { Bus: broker.connectionString, ...settings },
    log: { write() {}, coloured: false },
  })

const receiving = { receiveMode: 'receiveAndDelete' } as const

/** What the app passed on: `count` bodies, or fewer where no more comes. */
async function receiveDone(count: number, receiver = client.createReceiver('done', receiving)) {
  const bodies: { n: number; deliveryCount: number; batch?: number }[] = []
  while (bodies.length < count) {
    const messages = await receiver.receiveMessages(count - bodies.length, { maxWaitTimeInMs: 15_000 })
    if (messages.length === 0) break
    bodies.push(...messages.map(({ body }) => body))
  }
  await receiver.close()
  return bodies
}

// A message that a host took and then left behind would come again only when its lock of a minute has ended.
test.each(['batches', 'sessions', 'session-batches'])(
  'a message of "%s" is delivered once, and at once, while one host takes over from another',
  async (name) => {
    const sender = client.createSender(name)
    let host = await start()
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
      const next = await start()
      await host.close()
      host = next
    }
    sending = false
    await source
    const bodies = await receiveDone(sent)
    await host.close()
    expect(bodies.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: sent }, (_, n) => n),
    )
    expect(new Set(bodies.map(({ deliveryCount }) => deliveryCount))).toEqual(new Set([1]))
  },
)

describe('an output to a topic', () => {
  const publish = async (count: number, size: number) => {
    const host = await start()
    const body = JSON.stringify({ count, size })
    const { status } = await fetch(`${host.url}/api/publish`, { method: 'POST', body })
    await host.close()
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
