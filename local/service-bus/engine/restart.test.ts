import { expect, it } from 'vitest'
import { defaultSettings as settings } from './description.ts'
import type { Restored } from './journal.ts'
import { forgetful } from './journal.ts'
import { enqueued } from './message.ts'
import { Namespace } from './namespace.ts'

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
