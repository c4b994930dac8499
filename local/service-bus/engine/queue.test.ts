import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultSettings, type QueueSettings } from './description.ts'
import { Failure } from './failure.ts'
import type { Message, NewMessage } from './message.ts'
import { Queue, type QueueListener } from './queue.ts'
import type { SessionClaim } from './sessions.ts'
import { textValue } from './value.ts'

const encoded = Buffer.from('body')

function queueWith(settings: Partial<QueueSettings> = {}, listener: QueueListener = {}): Queue {
  return new Queue('q', { ...defaultSettings, ...settings }, { onDeadLetter: () => {}, ...listener })
}

function message(messageId: string, more: Partial<NewMessage> = {}): NewMessage {
  return { messageId, encoded, ...more }
}

function receive(queue: Queue, now: number): Message {
  const received = queue.receive('peekLock', now)
  if (received === undefined) throw new Error('the queue is empty')
  return received
}

function tokenOf(message: Message): string {
  if (message.lock === undefined) throw new Error('the message is not locked')
  return message.lock.token
}

describe('order', () => {
  it('is that of sending; an abandoned message keeps its place', () => {
    const queue = queueWith()
    queue.send([message('a'), message('b'), message('c')], 0)
    const a = receive(queue, 0)
    const b = receive(queue, 0)
    queue.abandon(tokenOf(b), 0)
    queue.abandon(tokenOf(a), 0)
    expect([receive(queue, 0), receive(queue, 0), receive(queue, 0)].map((m) => m.messageId)).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(queue.receive('peekLock', 0)).toBeUndefined()
  })
})

describe('locks', () => {
  it('run out at the moment they say, not before', () => {
    const queue = queueWith({ lockDuration: 1000 })
    queue.send([message('a')], 0)
    const first = receive(queue, 100)
    expect(first.lock?.until).toBe(1100)
    expect(queue.advance(1099)).toBe(1100)
    expect(queue.receive('peekLock', 1099)).toBeUndefined()
    const token = tokenOf(first)
    queue.advance(1100)
    expect(receive(queue, 1100).deliveryCount).toBe(2)
    expect(() => queue.complete(token, 1100)).toThrow(
      expect.objectContaining({ reason: 'message-lock-lost' }),
    )
  })

  it('are refused after their time even before anybody has advanced the queue', () => {
    const queue = queueWith({ lockDuration: 1000 })
    queue.send([message('a')], 0)
    const token = tokenOf(receive(queue, 0))
    expect(() => queue.complete(token, 1000)).toThrow(
      expect.objectContaining({ reason: 'message-lock-lost' }),
    )
  })

  it('hold longer when renewed', () => {
    const queue = queueWith({ lockDuration: 1000 })
    queue.send([message('a')], 0)
    const token = tokenOf(receive(queue, 0))
    expect(queue.renew(token, 900)).toBe(1900)
    queue.advance(1500)
    queue.complete(token, 1899)
    expect(queue.counts().active).toBe(0)
  })

  it('can be used once', () => {
    const queue = queueWith()
    queue.send([message('a')], 0)
    const token = tokenOf(receive(queue, 0))
    queue.complete(token, 0)
    expect(() => queue.complete(token, 0)).toThrow(expect.objectContaining({ reason: 'message-lock-lost' }))
  })
})

describe('dead-lettering', () => {
  function withDeadLetters(settings: Partial<QueueSettings> = {}) {
    const dead: Message[] = []
    return { queue: queueWith(settings, { onDeadLetter: (m) => dead.push(m) }), dead }
  }

  it('happens after the last delivery, whether abandoned or let run out', () => {
    const { queue, dead } = withDeadLetters({ maxDeliveryCount: 2, lockDuration: 10 })
    queue.send([message('a')], 0)
    queue.abandon(tokenOf(receive(queue, 0)), 0)
    receive(queue, 0)
    queue.advance(10)
    expect(dead).toMatchObject([
      { messageId: 'a', changes: { DeadLetterReason: textValue('MaxDeliveryCountExceeded') } },
    ])
    expect(queue.counts()).toMatchObject({ active: 0, bytes: 0 })
  })

  it('takes expired messages when asked to; otherwise they are dropped', () => {
    for (const deadLetteringOnExpiration of [true, false]) {
      const { queue, dead } = withDeadLetters({ deadLetteringOnExpiration })
      queue.send([message('a', { timeToLive: 50 })], 0)
      queue.advance(50)
      expect(queue.receive('peekLock', 50)).toBeUndefined()
      expect(dead.map((m) => m.messageId)).toEqual(deadLetteringOnExpiration ? ['a'] : [])
    }
  })

  it('leaves a locked message to its holder even if it expires meanwhile', () => {
    const { queue, dead } = withDeadLetters({ deadLetteringOnExpiration: true })
    queue.send([message('a', { timeToLive: 50 })], 0)
    const token = tokenOf(receive(queue, 0))
    queue.advance(60)
    expect(dead).toEqual([])
    queue.complete(token, 60)
    expect(queue.counts().active).toBe(0)
  })

  it.each(['abandon', 'release', 'defer'] as const)(
    'takes a message that has expired under a lock when it comes back, also when nobody receives: %s',
    (how) => {
      const { queue, dead } = withDeadLetters({ deadLetteringOnExpiration: true })
      queue.send([message('a', { timeToLive: 50 })], 0)
      const token = tokenOf(receive(queue, 0))
      queue.advance(60)
      queue[how](token, 60)
      queue.advance(61)
      expect(dead.map((m) => m.messageId)).toEqual(['a'])
      expect(queue.counts()).toMatchObject({ active: 0, deferred: 0, bytes: 0 })
    },
  )
})

describe('time to live', () => {
  it('is the shorter of the message’s and the queue’s', () => {
    const queue = queueWith({ defaultTimeToLive: 100 })
    queue.send(
      [message('short', { timeToLive: 10 }), message('long', { timeToLive: 1000 }), message('none')],
      0,
    )
    expect(queue.peek(0, 10, 0).map((m) => m.expiresAt)).toEqual([10, 100, 100])
  })
})

describe('schedules', () => {
  it('make a message active in time, as if it were sent then', () => {
    const queue = queueWith()
    const [number] = queue.send([message('later', { scheduledFor: 500, timeToLive: 100 })], 0)
    queue.send([message('now')], 0)
    expect(queue.counts()).toMatchObject({ active: 1, scheduled: 1 })
    expect(queue.advance(499)).toBe(500)
    queue.advance(500)
    expect(queue.counts()).toMatchObject({ active: 2, scheduled: 0 })
    expect(receive(queue, 500).messageId).toBe('now')
    expect(receive(queue, 500)).toMatchObject({ messageId: 'later', enqueuedTime: 500, expiresAt: 600 })
    expect(() => queue.cancelScheduled([number as number])).toThrow(
      expect.objectContaining({ reason: 'message-not-found' }),
    )
  })

  it('are cancelled all or none', () => {
    const queue = queueWith()
    const [number] = queue.send([message('later', { scheduledFor: 500 })], 0)
    expect(() => queue.cancelScheduled([number as number, 99])).toThrow()
    expect(queue.counts().scheduled).toBe(1)
  })
})

describe('duplicate detection', () => {
  it('forgets an id when its window has passed, counted from the first message', () => {
    const queue = queueWith({ duplicateDetectionWindow: 100 })
    expect(queue.send([message('a')], 0)).toEqual([1])
    expect(queue.send([message('a')], 99)).toEqual([0])
    expect(queue.send([message('a')], 100)).toEqual([2])
  })

  it('forgets it in time also when the window was made shorter meanwhile', () => {
    const queue = queueWith({ duplicateDetectionWindow: 1000 })
    queue.send([message('a')], 0)
    queue.configure({ ...queue.settings, duplicateDetectionWindow: 100 })
    queue.send([message('b')], 10)
    expect(queue.send([message('b')], 109)).toEqual([0])
    expect(queue.send([message('b')], 110)).toEqual([3])
    expect(queue.send([message('b')], 111)).toEqual([0])
    expect(queue.send([message('a')], 999)).toEqual([0])
  })
})

describe('the size of a queue', () => {
  it('is limited; a batch goes in whole or not at all', () => {
    const queue = queueWith({ maxSize: 10 })
    expect(() => queue.send([message('a'), message('b'), message('c')], 0)).toThrow(
      expect.objectContaining({ reason: 'quota-exceeded' }),
    )
    expect(queue.counts()).toMatchObject({ active: 0, bytes: 0 })
    queue.send([message('a'), message('b')], 0)
    expect(queue.counts().bytes).toBe(8)
  })
})

describe('sessions', () => {
  it('go to the next receiver with their unsettled messages when they are lost', () => {
    const lost: string[] = []
    const queue = queueWith(
      { requiresSession: true, lockDuration: 100 },
      { onSessionLost: (token) => lost.push(token) },
    )
    queue.send([message('a', { sessionId: 's' })], 0)
    const first = queue.acceptSession(undefined, 0)
    if (first === undefined) throw new Error('no session')
    expect(queue.receive('peekLock', 0, first)?.messageId).toBe('a')
    expect(queue.acceptSession(undefined, 0)).toBeUndefined()
    expect(queue.advance(99)).toBe(100)
    queue.advance(100)
    expect(lost).toEqual([first.token])
    expect(() => queue.receive('peekLock', 100, first)).toThrow(
      expect.objectContaining({ reason: 'session-lock-lost' }),
    )
    const second = queue.acceptSession('s', 100)
    expect(queue.receive('peekLock', 100, second)).toMatchObject({ messageId: 'a', deliveryCount: 2 })
  })

  // "Message sessions", impact of delivery count: yes when the lock expires, no when the session is closed.
  it('that are closed give messages back uncounted, however often', () => {
    const dead: Message[] = []
    const queue = queueWith(
      { requiresSession: true, maxDeliveryCount: 2 },
      { onDeadLetter: (m) => dead.push(m) },
    )
    queue.send([message('a', { sessionId: 's' })], 0)
    for (let i = 0; i < 5; i++) {
      const claim = queue.acceptSession('s', 0)
      if (claim === undefined) throw new Error('no session')
      expect(queue.receive('peekLock', 0, claim)).toMatchObject({ messageId: 'a', deliveryCount: 1 })
      queue.releaseSession(claim, 0)
    }
    expect(dead).toEqual([])
  })

  it('are forgotten with their last message, received or not', () => {
    const queue = queueWith({ requiresSession: true, lockDuration: 1000 })
    const inSession = (sessionId: string, timeToLive?: number) =>
      message(sessionId, { sessionId, ...(timeToLive && { timeToLive }) })
    queue.send([inSession('expired', 10), inSession('kept'), inSession('deleted'), inSession('kept')], 0)
    queue.advance(10)
    expect(queue.sessionIds()).toEqual(['kept', 'deleted'])
    queue.deleteMessages(100, 20, 20, 'deleted')
    expect(queue.sessionIds()).toEqual(['kept'])
    const claim = queue.acceptSession('kept', 20)
    const first = queue.receive('peekLock', 20, claim) as Message
    queue.receive('peekLock', 20, claim)
    queue.complete(tokenOf(first), 20)
    expect(queue.sessionIds()).toEqual(['kept'])
    queue.advance(2000)
    expect(queue.receive('peekLock', 2000, queue.acceptSession(undefined, 2000))?.messageId).toBe('kept')
  })

  it('give deferred messages to their holder only', () => {
    const queue = queueWith({ requiresSession: true })
    queue.send([message('a', { sessionId: 's' })], 0)
    const first = queue.acceptSession('s', 0)
    if (first === undefined) throw new Error('no session')
    queue.defer(tokenOf(queue.receive('peekLock', 0, first) as Message), 0)
    queue.releaseSession(first, 0)
    for (const claim of [undefined, first, { id: 's', token: '' }]) {
      expect(() => queue.receiveDeferred([1], 'peekLock', 0, claim)).toThrow(
        expect.objectContaining({ reason: 'session-lock-lost' }),
      )
    }
    const second = queue.acceptSession('s', 0)
    expect(queue.receiveDeferred([1], 'peekLock', 0, second)).toMatchObject([{ messageId: 'a' }])
  })
})

describe('whatever happens', () => {
  it('no message is lost or given to two receivers at once, and the counts agree', () => {
    type Step = {
      readonly kind: 'send' | 'receive' | 'complete' | 'abandon' | 'defer' | 'wait'
      readonly pick: number
    }
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom('send', 'receive', 'receive', 'complete', 'abandon', 'defer', 'wait'),
      pick: fc.nat(100),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const dead = new Set<string>()
        const queue = queueWith(
          { lockDuration: 50, maxDeliveryCount: 3 },
          { onDeadLetter: (m) => dead.add(m.messageId) },
        )
        const held = new Map<string, { id: string; until: number }>()
        const completed = new Set<string>()
        let sent = 0
        let now = 0
        const forget = () => {
          for (const [token, { until }] of held) if (until <= now) held.delete(token)
        }
        for (const { kind, pick } of steps) {
          const tokens = [...held.keys()]
          const token = tokens[pick % Math.max(1, tokens.length)]
          if (kind === 'send') queue.send([message(`m${++sent}`)], now)
          else if (kind === 'receive') {
            const m = queue.receive('peekLock', now)
            if (m?.lock) {
              expect([...held.values()].map(({ id }) => id)).not.toContain(m.messageId)
              held.set(m.lock.token, { id: m.messageId, until: m.lock.until })
            }
          } else if (kind === 'wait') {
            now += pick
            queue.advance(now)
            forget()
          } else if (token !== undefined) {
            if (kind === 'complete') completed.add(held.get(token)?.id as string)
            queue[kind](token, now)
            held.delete(token)
          }
        }
        const { active, deferred } = queue.counts()
        expect(active + deferred + completed.size + dead.size).toBe(sent)
        expect(queue.peek(0, 1000, now).length).toBe(active + deferred)
      }),
      { numRuns: 300 },
    )
  })

  it('no message of a session is lost, given to two receivers, or hidden, whoever comes and goes', () => {
    const kinds = ['send', 'short', 'later', 'accept', 'receive', 'complete', 'abandon', 'defer'] as const
    const more = ['release', 'unlock', 'renew', 'delete', 'state', 'deferred', 'wait'] as const
    const step = fc.record({ kind: fc.constantFrom(...kinds, ...more), pick: fc.nat(100) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const dead = new Set<string>()
        const settings = { requiresSession: true, lockDuration: 50, maxDeliveryCount: 3 }
        const queue = queueWith(
          { ...settings, deadLetteringOnExpiration: true },
          { onDeadLetter: (m) => dead.add(m.messageId) },
        )
        const claims: SessionClaim[] = []
        const held = new Map<string, Message>()
        const deferred: number[] = []
        let [now, sent, gone] = [0, 0, 0]
        const act = (kind: (typeof kinds | typeof more)[number], pick: number) => {
          const sessionId = ['a', 'b', 'c'][pick % 3] as string
          const claim = claims[pick % Math.max(1, claims.length)]
          const token = [...held.keys()][pick % Math.max(1, held.size)]
          const hold = (m: Message | undefined) => {
            if (m === undefined) return
            expect(m.sessionId).toBe(claim?.id)
            for (const [other, same] of held) if (same === m) expect(m.lock?.token).not.toBe(other)
            held.set(tokenOf(m), m)
          }
          if (kind === 'wait') {
            now += pick
            queue.advance(now)
          } else if (kind === 'send') queue.send([message(`m${++sent}`, { sessionId })], now)
          else if (kind === 'short') queue.send([message(`m${++sent}`, { sessionId, timeToLive: 30 })], now)
          else if (kind === 'later')
            queue.send([message(`m${++sent}`, { sessionId, scheduledFor: now + 40 })], now)
          else if (kind === 'accept') {
            const accepted = queue.acceptSession(pick % 2 ? sessionId : undefined, now)
            if (accepted) claims.push(accepted)
          } else if (kind === 'delete') gone += queue.deleteMessages(2, now + 1, now, sessionId)
          else if (kind === 'state')
            queue.setSessionState(sessionId, pick % 2 ? Buffer.from('x') : undefined, now)
          else if (claim && kind === 'receive') hold(queue.receive('peekLock', now, claim))
          else if (claim && kind === 'release') queue.releaseSession(claim, now)
          else if (claim && kind === 'renew') queue.renewSession(claim.id, now, claim.token)
          else if (claim && kind === 'deferred')
            hold(queue.receiveDeferred(deferred.slice(-1), 'peekLock', now, claim)[0])
          else if (token && kind === 'complete') {
            queue.complete(token, now)
            gone++
          } else if (token && kind === 'abandon') queue.abandon(token, now)
          else if (token && kind === 'unlock') queue.release(token, now)
          else if (token && kind === 'defer') {
            queue.defer(token, now)
            deferred.push((held.get(token) as Message).sequenceNumber)
          }
        }
        for (const { kind, pick } of steps) {
          try {
            act(kind, pick)
          } catch (error) {
            if (!(error instanceof Failure)) throw error
          }
          const { active, deferred: aside, scheduled } = queue.counts()
          expect(active + aside + scheduled + gone + dead.size).toBe(sent)
        }
        for (const claim of claims) queue.releaseSession(claim, now)
        now += 1000
        queue.advance(now)
        let waiting = queue.counts().active
        for (
          let next = queue.acceptSession(undefined, now);
          next;
          next = queue.acceptSession(undefined, now)
        ) {
          while (queue.receive('receiveAndDelete', now, next)) waiting--
          queue.releaseSession(next, now)
        }
        expect(waiting).toBe(0)
        expect(queue.sessionIds()).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
