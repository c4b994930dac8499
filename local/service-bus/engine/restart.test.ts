import { expect, it } from 'vitest'
import { defaultSettings as settings } from './description.ts'
import type { Restored } from './journal.ts'
import { forgetful } from './journal.ts'
import { enqueued, type Message } from './message.ts'
import { Namespace } from './namespace.ts'
import { textValue } from './value.ts'

function kept(...messageIds: string[]): Restored {
  const messages = messageIds.map((messageId, i) =>
    enqueued({ messageId, encoded: Buffer.from(messageId) }, i + 1, 0, Number.POSITIVE_INFINITY),
  )
  return { messages, sessionStates: new Map(), seen: [], lastSequenceNumber: messages.length }
}

it('a queue that was made to forward its messages meanwhile adds them to those of its target', () => {
  const added: [string, number][] = []
  const namespace = new Namespace(
    {
      queues: [
        { name: 'from', settings, forwardTo: 'to' },
        { name: 'to', settings },
      ],
      topics: [],
    },
    0,
    {
      restored: new Map([
        ['from', kept('a', 'b')],
        ['to', kept('c', 'd')],
      ]),
      journal: {
        ...forgetful,
        added: (queue, { sequenceNumber }) => void added.push([queue, sequenceNumber]),
      },
    },
  )
  expect(namespace.find('to')?.queue.peek(0, 10, 0)).toMatchObject([
    { messageId: 'c', sequenceNumber: 1 },
    { messageId: 'd', sequenceNumber: 2 },
    { messageId: 'a', sequenceNumber: 3 },
    { messageId: 'b', sequenceNumber: 4 },
  ])
  expect(added).toEqual([
    ['to', 3],
    ['to', 4],
  ])
  expect(namespace.find('from')?.queue.counts().active).toBe(0)
})

it('a queue that has sessions since the restart dead-letters what has none, at once or when it is due', () => {
  const [a, b] = kept('a', 'b').messages
  const later = { ...b, state: 'scheduled', scheduledFor: 10 } as Message
  const namespace = new Namespace(
    { queues: [{ name: 'q', settings: { ...settings, requiresSession: true } }], topics: [] },
    0,
    { restored: new Map([['q', { ...kept('a', 'b'), messages: [a as Message, later] }]]) },
  )
  namespace.advance(10)
  expect(namespace.find('q')?.queue.acceptSession(undefined, 10)).toBeUndefined()
  expect(namespace.find('q/$DeadLetterQueue')?.queue.peek(0, 10, 10)).toMatchObject([
    { messageId: 'a', changes: { DeadLetterReason: textValue('Session id is null.') } },
    { messageId: 'b' },
  ])
})
