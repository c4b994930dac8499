import { describe, expect, it } from 'vitest'
import { defaultSettings as settings } from './description.ts'
import type { Entity } from './entities.ts'
import type { Journal } from './journal.ts'
import { forgetful } from './journal.ts'
import { Namespace } from './namespace.ts'
import type { Queue } from './queue.ts'
import { Transaction } from './transaction.ts'

const message = { messageId: 'a', encoded: Buffer.from('x') }

function entityAt(namespace: Namespace, path: string): Entity {
  return namespace.find(path) as Entity
}

function namespaceOf(names: readonly string[], journal: Journal = forgetful): Namespace {
  return new Namespace({ queues: names.map((name) => ({ name, settings })), topics: [] }, 0, { journal })
}

describe('a transaction', () => {
  it('does nothing when a part of it is refused: a dead letter cannot be dead-lettered again', () => {
    const namespace = namespaceOf(['from', 'to'])
    const { queue } = entityAt(namespace, 'from')
    queue.send([message], 0)
    queue.deadLetter(queue.receive('peekLock', 0)?.lock?.token as string, 0, {})
    const dead = namespace.find('from/$DeadLetterQueue')?.queue as Queue
    const token = dead.receive('peekLock', 0)?.lock?.token as string
    const transaction = new Transaction()
    transaction.send(entityAt(namespace, 'to'), [message])
    const settling = {
      check: (now: number) => dead.checkDeadLetter(token, now),
      apply: (now: number) => dead.deadLetter(token, now, {}),
    }
    expect(() => transaction.settle(token, 0, settling)).toThrow(
      expect.objectContaining({ reason: 'not-allowed' }),
    )
    expect(entityAt(namespace, 'to').queue.counts().active).toBe(0)
  })

  it.each([
    ['deleted', 'entity-not-found', (namespace: Namespace, entity: Entity) => namespace.remove(entity)],
    [
      'shut',
      'entity-disabled',
      (namespace: Namespace, entity: Entity) =>
        namespace.update(entity as never, { ...entity.description, status: 'SendDisabled' } as never, 0),
    ],
  ] as const)(
    'does nothing when an entity was %s meanwhile, and leaves nothing behind',
    (_, reason, happen) => {
      const added: string[] = []
      const namespace = namespaceOf(['a', 'b'], { ...forgetful, added: (queue) => void added.push(queue) })
      const [a, b] = [entityAt(namespace, 'a'), entityAt(namespace, 'b')]
      const transaction = new Transaction()
      transaction.send(a, [message])
      transaction.send(b, [message])
      happen(namespace, b)
      expect(() => transaction.commit(0)).toThrow(expect.objectContaining({ reason }))
      expect(a.queue.counts().active).toBe(0)
      expect(added).toEqual([])
    },
  )
})

it('a session that its receiver still holds when its queue is deleted leaves nothing in the journal', () => {
  const queues = [{ name: 'q', settings: { ...settings, requiresSession: true, maxDeliveryCount: 1 } }]
  const reported: string[] = []
  const namespace = new Namespace({ queues, topics: [] }, 0, {
    journal: {
      ...forgetful,
      added: (queue) => void reported.push(queue),
      changed: (queue) => void reported.push(queue),
    },
  })
  const q = entityAt(namespace, 'q')
  q.queue.send([{ ...message, sessionId: 's' }], 0)
  const claim = q.queue.acceptSession('s', 0)
  if (claim === undefined) throw new Error('no session')
  q.queue.receive('peekLock', 0, claim)
  reported.length = 0
  namespace.remove(q)
  q.queue.releaseSession(claim, 0)
  expect(reported).toEqual([])
})
