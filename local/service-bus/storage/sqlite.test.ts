import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Broker } from '../broker.ts'
import { defaultSettings as settings } from '../engine/description.ts'
import { opaque } from '../engine/distribution.ts'
import type { Message } from '../engine/message.ts'
import { textValue } from '../engine/value.ts'
import { sqliteStore } from './sqlite.ts'

const everything = [{ name: 'all', filter: { kind: 'true' } as const }]
const description = {
  queues: [
    { name: 'plain', settings: { ...settings, maxDeliveryCount: 3 } },
    { name: 'unique', settings: { ...settings, duplicateDetectionWindow: 3_600_000 } },
    { name: 'grouped', settings: { ...settings, requiresSession: true } },
    { name: 'from', settings, forwardTo: 'plain', forwardDeadLetteredMessagesTo: 'unique' },
    { name: 'dying', settings, forwardDeadLetteredMessagesTo: 'grouped' },
  ],
  topics: [
    {
      name: 'events',
      settings,
      subscriptions: [
        { name: 'kept', settings, rules: everything },
        { name: 'passed', settings, rules: everything, forwardTo: 'dying' },
      ],
    },
  ],
}
const targets = ['plain', 'unique', 'grouped', 'from', 'dying', 'events']
const receivable = ['plain', 'unique', 'dying', 'events/Subscriptions/kept', 'plain/$DeadLetterQueue']

/** What a restart keeps: locks are gone, and a delivery under a lock does not count yet. */
function seen({ namespace }: Broker) {
  const kept = (m: Message) => ({
    ...m,
    encoded: Buffer.from(m.encoded).toString(),
    deliveryCount: m.lock === undefined ? m.deliveryCount : m.deliveryCount - 1,
    lock: undefined,
  })
  return [...namespace.entities()].map(({ path, queue }) => ({
    path,
    counts: queue.counts(),
    messages: queue.peek(0, 1000, Date.now()).map(kept),
    states: ['a', 'b'].map((id) => Buffer.from(queue.sessionState(id) ?? '').toString()),
  }))
}

function open(folder: string): Broker {
  return new Broker(description, sqliteStore(folder), opaque)
}

type Kind = 'abandon' | 'complete' | 'deadLetter' | 'defer' | 'later' | 'restart' | 'send' | 'state' | 'turn'
const step = fc.record({
  kind: fc.constantFrom<Kind>(
    'send',
    'send',
    'later',
    'complete',
    'abandon',
    'defer',
    'deadLetter',
    'state',
    'turn',
    'restart',
  ),
  pick: fc.nat(100),
})

it('keeps whatever has happened, however it is grouped into transactions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), 'service-bus-'))
      let broker = open(folder)
      try {
        let sent = 0
        for (const { kind, pick } of [...steps, { kind: 'restart' as const, pick: 0 }]) {
          const now = Date.now()
          const at = (paths: readonly string[]) =>
            broker.namespace.find(paths[pick % paths.length] as string)?.queue
          if (kind === 'turn') await new Promise((resolve) => setImmediate(resolve))
          else if (kind === 'restart') {
            const before = seen(broker)
            broker.close()
            broker = open(folder)
            expect(seen(broker)).toEqual(before)
          } else if (kind === 'send' || kind === 'later') {
            const messageId = `m${pick % 3 === 0 ? pick : ++sent}`
            const scheduledFor = kind === 'later' ? now + 3_600_000 : undefined
            const encoded = Buffer.from(messageId)
            at(targets)?.send([{ messageId, sessionId: pick % 2 ? 'a' : 'b', scheduledFor, encoded }], now)
          } else if (kind === 'state') {
            const state = pick % 3 ? Buffer.from(`${pick}`) : undefined
            broker.namespace.find('grouped')?.queue.setSessionState(pick % 2 ? 'a' : 'b', state, now)
          } else {
            const queue = at(receivable)
            const token = queue?.receive('peekLock', now)?.lock?.token
            if (queue === undefined || token === undefined || pick % 5 === 0) continue
            const changes = { pick: textValue(`${pick}`) }
            if (kind === 'complete') queue.complete(token, now)
            else if (kind === 'abandon') queue.abandon(token, now, changes)
            else if (kind === 'defer') queue.defer(token, now, changes)
            else if (!queue.name.includes('$')) queue.deadLetter(token, now, { reason: 'r' }, changes)
          }
        }
      } finally {
        broker.close()
        rmSync(folder, { recursive: true })
      }
    }),
    { numRuns: 15 },
  )
})

it('does not count a delivery that the end interrupts, be it of a message that came in the same turn', () => {
  const folder = mkdtempSync(join(tmpdir(), 'service-bus-'))
  const before = open(folder)
  const queue = before.namespace.find('plain')?.queue
  queue?.send([{ messageId: 'a', encoded: Buffer.from('a') }], 0)
  expect(queue?.receive('peekLock', 0)?.deliveryCount).toBe(1)
  before.close()
  const after = open(folder)
  expect(after.namespace.find('plain')?.queue.receive('peekLock', 0)?.deliveryCount).toBe(1)
  after.close()
  rmSync(folder, { recursive: true })
})
