/**
 * Messages as Azure's trigger hands them over. What it does to them was seen under the real host, built from its public
 * source: times without a zone, texts read as JSON, arrays of texts without their empty entries.
 */
import type { InvocationContext } from '@azure/functions'
import { describe, expect, test } from 'vitest'
import { quietContext } from '../../tests/triggers.ts'
import { countOf, deliveriesOf, deliveryOf, timeOf } from './delivery.ts'

const context = (triggerMetadata: Record<string, unknown>) =>
  quietContext([], { triggerMetadata, invocationId: 'call' })
const one = (body: unknown, metadata: Record<string, unknown> = {}) => deliveryOf(body, context(metadata))
const bytes = (text: string) => Buffer.from(text)

describe('a message', () => {
  test('is read as JSON where it is JSON, and keeps what was sent', () => {
    expect(one(bytes('{"orderId":"7"}')).body).toEqual({ orderId: '7' })
    const text = one(bytes('{"orderId":12345678901234567890'))
    expect(text.body).toBe('{"orderId":12345678901234567890')
    expect(String(one(bytes('{ "n": 12345678901234567890 }')).bytes)).toBe('{ "n": 12345678901234567890 }')
  })

  test('may be empty', () => {
    expect(one(bytes(''))).toMatchObject({ body: '', messageId: 'call' })
  })

  test.each([
    ['2026-01-02T03:04:05.678', '2026-01-02T03:04:05.678Z'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05.6789012', '2026-01-02T03:04:05.678Z'],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05.000Z'],
  ])('was enqueued at %s, which is UTC where it names no zone', (enqueuedTimeUtc, time) => {
    const before = process.env.TZ
    process.env.TZ = 'Asia/Kolkata'
    try {
      expect(one(bytes('{}'), { enqueuedTimeUtc }).enqueuedAt).toBe(time)
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })

  test.each([
    { enqueuedTimeUtc: 'evil' },
    { enqueuedTimeUtc: {}, messageId: null, deliveryCount: 'x' },
    { applicationProperties: 'text' },
    { applicationProperties: { enqueuedat: 'evil', attempt: 'x', traceparent: 7, deadLetterReason: 5 } },
  ])('is read whatever is told of it: %j', (metadata) => {
    const delivery = one(bytes('{}'), metadata)
    expect(delivery).toMatchObject({ messageId: 'call', attempt: 1, deliveryCount: 1 })
    expect(Date.parse(delivery.enqueuedAt)).toBeGreaterThan(Date.now() - 60_000)
  })

  test('is read where nothing is told of it; a trace that is no text is none', () => {
    const untold = { triggerMetadata: undefined, invocationId: 'call' } as unknown as InvocationContext
    expect(deliveryOf(bytes('{}'), untold)).toMatchObject({ messageId: 'call', deliveryCount: 1 })
    expect(deliveriesOf([bytes('{}')], untold)[0]).toMatchObject({ messageId: 'call-0', deliveryCount: 1 })
    expect(one(bytes('{}'), { applicationProperties: { traceparent: 7 } }).traceparent).toBeUndefined()
  })

  test('keeps an id that looks like a number', () => {
    expect(one(bytes('{}'), { messageId: 12 }).messageId).toBe('12')
  })
})

test('a batch whose metadata lacks entries gives no message the data of another', () => {
  const deliveries = deliveriesOf(
    [bytes('{"n":1}'), bytes(''), bytes('{"n":3}')],
    context({ messageIdArray: ['a', 'c'], deliveryCountArray: [1, 2, 3] }),
  )
  expect(deliveries.map(({ messageId }) => messageId)).toEqual(['call-0', 'call-1', 'call-2'])
  expect(deliveries.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 2, 3])
  expect(deliveries.map(({ body }) => body)).toEqual([{ n: 1 }, '', { n: 3 }])
})

test('a copy of a message tells what its sender wrote on it, before what the broker says', () => {
  const delivery = one(bytes('{}'), {
    messageId: 'm',
    deliveryCount: 3,
    enqueuedTimeUtc: '2026-01-02T03:04:05',
    deadLetterReason: 'broker',
    deadLetterErrorDescription: 'of the broker',
    applicationProperties: {
      attempt: 4,
      enqueuedat: '2026-01-01T00:00:00.000Z',
      traceparent: '00-a-b-01',
      deadLetterReason: 'ours',
      deadLetterErrorDescription: 'of the makeline',
    },
  })
  expect(delivery).toMatchObject({
    messageId: 'm',
    attempt: 4,
    deliveryCount: 3,
    enqueuedAt: '2026-01-01T00:00:00.000Z',
    traceparent: '00-a-b-01',
    deadLetterReason: 'ours',
    deadLetterErrorDescription: 'of the makeline',
  })
})

test("a dead letter without its sender's word has the broker's reason; a message in the queue has none", () => {
  const dead = one(bytes('{}'), { deadLetterReason: 'TTL', deadLetterErrorDescription: { at: 1 } })
  expect([dead.deadLetterReason, dead.deadLetterErrorDescription]).toEqual(['TTL', '{"at":1}'])
  const queued = one(bytes('{}'), { applicationProperties: null })
  expect([queued.deadLetterReason, queued.deadLetterErrorDescription, queued.traceparent]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('a body that the host did not hand over as bytes is read all the same', () => {
  expect(one('{"n":1}')).toMatchObject({ body: { n: 1 }, bytes: bytes('{"n":1}') })
  expect(one({ n: 1 }).body).toEqual({ n: 1 })
  expect(one(undefined).body).toBe('')
  expect(one(null).body).toBe('')
})

test('each message of a batch has its own metadata', () => {
  const deliveries = deliveriesOf(
    [bytes('1'), bytes('2')],
    context({
      messageIdArray: ['a', 'b'],
      deliveryCountArray: [1, 2],
      enqueuedTimeUtcArray: ['2026-01-01T00:00:00', '2026-01-02T00:00:00'],
      applicationPropertiesArray: [{ traceparent: 't1' }, { traceparent: 't2', attempt: 2 }],
    }),
  )
  expect(
    deliveries.map(({ messageId, deliveryCount, enqueuedAt, traceparent, attempt }) => [
      messageId,
      deliveryCount,
      enqueuedAt,
      traceparent,
      attempt,
    ]),
  ).toEqual([
    ['a', 1, '2026-01-01T00:00:00.000Z', 't1', 1],
    ['b', 2, '2026-01-02T00:00:00.000Z', 't2', 2],
  ])
  expect(deliveriesOf([bytes('{}')], context({ messageIdArray: 'evil' }))[0]?.messageId).toBe('call-0')
})

test('a count is a whole number from 1 on', () => {
  expect([1, '2', 0, -1, 1.5, Number.NaN, 2 ** 53, undefined, 'x'].map(countOf)).toEqual([
    1,
    2,
    ...Array.from({ length: 7 }),
  ])
})

test('a time is read of text, number and date, and of nothing else', () => {
  const at = '2026-01-02T03:04:05.000Z'
  expect([at, Date.parse(at), new Date(at)].map(timeOf)).toEqual([at, at, at])
  expect([true, null, [at], {}, 'T1', new Date(Number.NaN)].map(timeOf)).toEqual(Array.from({ length: 6 }))
})
