/** What those who watch the store are told of messages that were not simply made. */
import { beforeEach, expect, test, vi } from 'vitest'

let app: typeof import('./messageMetrics.ts')
let counted: typeof import('../platform/telemetry/metrics.ts').counted
beforeEach(async () => {
  vi.resetModules()
  app = await import('./messageMetrics.ts')
  ;({ counted } = await import('../platform/telemetry/metrics.ts'))
})

const letters = () =>
  Object.fromEntries(
    (counted().find(({ name }) => name === 'store.dead_letters')?.series ?? []).map(
      ({ attributes, value }) => [attributes['store.dead_letter.reason'], value],
    ),
  )
const none = {
  InvalidMessage: 0,
  OrderNotFound: 0,
  RetriesExhausted: 0,
  MaxDeliveryCountExceeded: 0,
  TTLExpiredException: 0,
  _OTHER: 0,
}

// Of a series that begins with its first event Prometheus does not see that it grew; whoever may write to the queue may
// call a reason what they like.
test('dead letters are counted by their reason, from nothing on, and odd ones together', () => {
  expect(letters()).toEqual(none)
  for (const reason of [
    'InvalidMessage',
    'InvalidMessage',
    'TTLExpiredException',
    'what a stranger writes',
    '',
  ])
    app.countDeadLetter(reason)
  expect(letters()).toEqual({ ...none, InvalidMessage: 2, TTLExpiredException: 1, _OTHER: 2 })
  expect([app.reasonOf('OrderNotFound'), app.reasonOf(undefined), app.reasonOf({})]).toEqual([
    'OrderNotFound',
    '_OTHER',
    '_OTHER',
  ])
})

test('messages that come again are counted, from nothing on', () => {
  const retried = () =>
    counted()
      .find(({ name }) => name === 'store.messages.retried')
      ?.series.map(({ value }) => value)
  expect(retried()).toEqual([0])
  app.countRetry()
  app.countRetry()
  expect(retried()).toEqual([2])
})
