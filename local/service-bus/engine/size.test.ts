import { expect, it } from 'vitest'
import { defaultSettings } from './description.ts'
import { Namespace } from './namespace.ts'
import type { Queue } from './queue.ts'

// Expectations: "Service Bus quotas" (queue or topic size: incoming messages are rejected) and "Service Bus messaging
// exceptions" (an entity reaches its size because of its dead letters, or because nobody receives).

const settings = { ...defaultSettings, maxSize: 100 }
const full = expect.objectContaining({ reason: 'quota-exceeded' })
let ids = 0

function send(namespace: Namespace, path: string, bytes: number): void {
  namespace.find(path)?.queue.send([{ messageId: String(++ids), encoded: Buffer.alloc(bytes) }], 0)
}

it('of a queue counts its dead letters', () => {
  const namespace = new Namespace({ queues: [{ name: 'q', settings }], topics: [] }, 0)
  const queue = namespace.find('q')?.queue as Queue
  send(namespace, 'q', 80)
  queue.deadLetter(queue.receive('peekLock', 0)?.lock?.token as string, 0, {})
  expect(() => send(namespace, 'q', 30)).toThrow(full)
  const dead = namespace.find('q/$DeadLetterQueue')?.queue as Queue
  dead.receive('receiveAndDelete', 0)
  send(namespace, 'q', 30)
})

it('of a topic is what its fullest subscription holds', () => {
  const everything = [{ name: 'all', filter: { kind: 'true' } as const }]
  const subscriptions = ['a', 'b'].map((name) => ({ name, settings: defaultSettings, rules: everything }))
  const namespace = new Namespace({ queues: [], topics: [{ name: 't', settings, subscriptions }] }, 0)
  send(namespace, 't', 80)
  namespace.find('t/subscriptions/a')?.queue.receive('receiveAndDelete', 0)
  expect(() => send(namespace, 't', 30)).toThrow(full)
  namespace.find('t/subscriptions/b')?.queue.receive('receiveAndDelete', 0)
  send(namespace, 't', 30)
})
