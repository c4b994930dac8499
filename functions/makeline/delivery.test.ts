/**
 * Messages as Azure's trigger hands them over. What it does to them was seen under the real host, built from its public
 * source: times without a zone, texts read as JSON, arrays of texts without their empty entries.
 */
import { describe, expect, test } from 'vitest'
import { quietContext } from '../../tests/triggers.ts'
import { deliveriesOf, deliveryOf } from './delivery.ts'

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
