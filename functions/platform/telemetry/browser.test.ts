import { SpanKind } from '@opentelemetry/api'
import type { BrowserSpan, BrowserTelemetry } from '@store/contract'
import { expect, test } from 'vitest'
import { relayed } from './browser.ts'

const now = 1_800_000_000_000
const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
const call: BrowserSpan = {
  type: 'call',
  ...ids,
  parentId: 'c'.repeat(16),
  page: '/cart',
  start: now - 300,
  duration: 80,
  method: 'POST',
  route: '/api/orders',
  status: 201,
}
const told = (spans: BrowserSpan[], sentAt = now): BrowserTelemetry => ({
  app: 'web-store',
  sentAt,
  spans,
  vitals: [],
})
const only = (span: BrowserSpan, sentAt?: number) => relayed(told([span], sentAt), now).spans[0]

test('a call is a client of its route, with the ids that it carried', () => {
  expect(only(call)).toEqual({
    ...ids,
    parentId: 'c'.repeat(16),
    name: 'POST /api/orders',
    kind: SpanKind.CLIENT,
    start: now - 300,
    duration: 80,
    attributes: {
      'http.request.method': 'POST',
      'url.template': '/api/orders',
      'http.response.status_code': 201,
      'store.page': '/cart',
    },
    failure: undefined,
    isAlone: false,
  })
})

// Semantic conventions for HTTP: a client's span has failed from 400 on.
test.each([
  [404, '404'],
  [503, '503'],
  [undefined, 'no_answer'],
  [304, undefined],
])('a call answered with %s has failed by %s', (status, failure) => {
  const { status: _, ...unanswered } = call as typeof call & { type: 'call' }
  expect(only({ ...unanswered, ...(status && { status }) } as BrowserSpan)?.failure).toBe(failure)
})

test('a trace that the app did not see is to be decided upon; one that it went on with is not', () => {
  const page = { ...ids, page: '/', start: now, duration: 1 }
  const alone = [{ ...call, method: 'GET' } as BrowserSpan, { type: 'load', ...page } as const]
  for (const span of alone) expect(only(span)?.isAlone).toBe(true)
  for (const span of [call, { type: 'click', ...page } as const]) expect(only(span)?.isAlone).toBe(false)
})

test.each([-86_400_000, 60_000])('a browser whose clock is %s ms off told of what has just been', (off) => {
  expect(only({ ...call, start: now + off - 300 }, now + off)?.start).toBe(now - 300)
})

test('a moment on the way is no wrong clock', () => {
  expect(only(call, now - 400)?.start).toBe(call.start)
})

// Semantic conventions for browsers: the event `browser.web_vital`, its name in small letters.
test('a web vital is an event', () => {
  const id = 'v6-1800000000000-1234567890123'
  const growth = { delta: 12.5, id, rating: 'good' as const }
  const vitals = [{ name: 'LCP' as const, value: 812.5, ...growth, page: '/product/:id' }]
  expect(relayed({ ...told([]), vitals }, now).events).toEqual([
    {
      name: 'browser.web_vital',
      attributes: {
        'browser.web_vital.name': 'lcp',
        'browser.web_vital.value': 812.5,
        'browser.web_vital.delta': 12.5,
        'browser.web_vital.id': id,
        'browser.web_vital.rating': 'good',
        'url.template': '/product/:id',
      },
    },
  ])
})
