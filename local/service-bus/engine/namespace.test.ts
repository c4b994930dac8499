import { describe, expect, it } from 'vitest'
import { type Filter, defaultSettings as settings } from './description.ts'
import { opaque } from './distribution.ts'
import type { Message } from './message.ts'
import { Namespace } from './namespace.ts'
import { textValue } from './value.ts'

const encoded = Buffer.from('x')

function bodyIds(namespace: Namespace, path: string): string[] {
  return (
    namespace
      .find(path)
      ?.queue.peek(0, 100, 0)
      .map((m) => m.messageId) ?? []
  )
}

describe('a namespace', () => {
  it('finds entities, subscriptions and dead-letter queues whatever the case', () => {
    const namespace = new Namespace(
      {
        queues: [{ name: 'Orders', settings }],
        topics: [{ name: 'Events', settings, subscriptions: [{ name: 'All', settings, rules: [] }] }],
      },
      0,
    )
    for (const path of [
      'orders',
      'ORDERS/$deadletterqueue',
      'events',
      'EVENTS/subscriptions/ALL',
      'events/Subscriptions/all/$DeadLetterQueue',
    ]) {
      expect(namespace.find(path)?.path.toLowerCase()).toBe(path.toLowerCase())
    }
    expect(namespace.find('nowhere')).toBeUndefined()
  })

  it('refuses two entities of one name, and forwarding in a circle', () => {
    const twice = [
      { name: 'a', settings },
      { name: 'A', settings },
    ]
    expect(() => new Namespace({ queues: twice, topics: [] }, 0)).toThrow(/exists already/)
    const circle = [
      { name: 'a', settings, forwardTo: 'b' },
      { name: 'b', settings, forwardTo: 'a' },
    ]
    expect(() => new Namespace({ queues: circle, topics: [] }, 0)).toThrow(/in a circle: a → b → a/)
  })

  it('delivers a message of a topic once to each subscription with a matching rule, even if several match', () => {
    const filter: Filter = { kind: 'correlation', subject: 'order' }
    const namespace = new Namespace(
      {
        queues: [],
        topics: [
          {
            name: 't',
            settings,
            subscriptions: [
              {
                name: 'both',
                settings,
                rules: [
                  { name: '1', filter },
                  { name: '2', filter: { kind: 'true' } },
                ],
              },
              { name: 'orders', settings, rules: [{ name: '1', filter }] },
              { name: 'none', settings, rules: [] },
            ],
          },
        ],
      },
      0,
      {
        format: {
          ...opaque,
          properties: (bytes) => ({
            system: { label: textValue(bytes.toString()) },
            applicationProperties: {},
          }),
        },
      },
    )
    namespace.find('t')?.queue.send(
      [
        { messageId: '1', encoded: Buffer.from('order') },
        { messageId: '2', encoded: Buffer.from('other') },
      ],
      0,
    )
    expect(bodyIds(namespace, 't/subscriptions/both')).toEqual(['1', '2'])
    expect(bodyIds(namespace, 't/subscriptions/orders')).toEqual(['1'])
    expect(bodyIds(namespace, 't/subscriptions/none')).toEqual([])
    expect(namespace.find('t')?.queue.counts().active).toBe(0)
  })

  it('keeps number, history and reason of a dead-lettered message, and cannot dead-letter it again', () => {
    const namespace = new Namespace({ queues: [{ name: 'q', settings }], topics: [] }, 0)
    const queue = namespace.find('q')?.queue
    const deadLetters = namespace.find('q/$DeadLetterQueue')?.queue
    if (queue === undefined || deadLetters === undefined) throw new Error('no queue')
    queue.send(
      [
        { messageId: 'a', encoded },
        { messageId: 'b', encoded },
      ],
      0,
    )
    const a = queue.receive('peekLock', 0) as Message
    const b = queue.receive('peekLock', 0) as Message
    queue.deadLetter(b.lock?.token as string, 0, { reason: 'r' })
    queue.deadLetter(a.lock?.token as string, 0, { reason: 'r', description: 'd' })
    expect(deadLetters.peek(0, 10, 0)).toMatchObject([
      {
        messageId: 'a',
        sequenceNumber: 1,
        deliveryCount: 0,
        deadLetterSource: 'q',
        changes: { DeadLetterReason: textValue('r'), DeadLetterErrorDescription: textValue('d') },
      },
      { messageId: 'b', sequenceNumber: 2 },
    ])
    const dead = deadLetters.receive('peekLock', 0) as Message
    const token = dead.lock?.token as string
    const changes = { note: textValue('n') }
    expect(() => deadLetters.deadLetter(token, 0, {}, changes)).toThrow(
      expect.objectContaining({ reason: 'not-allowed' }),
    )
    expect(dead.deliveryCount).toBe(1)
    expect(dead.changes).not.toHaveProperty('note')
    deadLetters.complete(token, 0)
    expect(deadLetters.counts().active).toBe(1)
  })
})
