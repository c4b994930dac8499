import { expect, test, vi } from 'vitest'
import { Journeys, type Way } from './journey.ts'
import type { Span } from './otlp/model.ts'

let next = 0
const span = (kind: Span['kind'], attributes: Span['attributes'], more: Partial<Span> = {}): Span => ({
  traceId: 'one',
  spanId: String(++next),
  name: '',
  kind,
  service: 'store',
  begin: 0,
  end: 1,
  status: 'unset',
  attributes,
  events: [],
  links: [],
  ...more,
})
const cosmos = { 'db.system.name': 'azure.cosmosdb' }
const queue = (name: string) => ({ 'messaging.destination.name': name })
const http = (method: string, route: string) => ({ 'http.request.method': method, 'http.route': route })

/** The ways that spans of one trace go. */
function waysOf(spans: Span[]): Partial<Record<Way, number>> {
  const journeys = new Journeys(() => spans)
  journeys.add(spans)
  return Object.fromEntries(
    Object.entries(journeys.counts).flatMap(([way, { passed }]) => (passed ? [[way, passed]] : [])),
  )
}

test('an order goes from the store over the queue to the makeline, whose steps are its own', () => {
  const placed = span('server', http('POST', '/api/orders'))
  const stored = span('client', cosmos, { parentSpanId: placed.spanId })
  const sent = span('producer', queue('orders'), { parentSpanId: placed.spanId })
  const taken = span('consumer', queue('orders'), { parentSpanId: sent.spanId })
  const step = span('internal', {}, { parentSpanId: taken.spanId })
  const moved = span('client', cosmos, { parentSpanId: step.spanId })
  const again = span('producer', queue('orders'), { parentSpanId: taken.spanId })
  const deadLetter = span('producer', queue('orders-failed'), { parentSpanId: taken.spanId })
  expect(waysOf([moved, step, taken, sent, stored, placed, again, deadLetter])).toEqual({
    'store>functions': 1,
    'functions>database': 1,
    'functions>queue': 1,
    'queue>makeline': 1,
    'makeline>database': 1,
    'makeline>queue': 1,
    'makeline>failed': 1,
  })
})

test.each([
  ['store>functions', span('server', http('GET', '/api/products'))],
  ['store>functions', span('server', http('POST', '/api/orders/{orderId}/cancel'))],
  ['admin>functions', span('server', http('PUT', '/api/makeline/order'))],
  ['admin>functions', span('server', http('PUT', '/api/product'))],
  ['functions>blobs', span('client', { 'azure.resource_provider.namespace': 'Microsoft.Storage' })],
  ['functions>models', span('client', { 'gen_ai.operation.name': 'chat' })],
  ['failed>functions', span('client', { ...queue('orders-failed'), 'messaging.operation.type': 'receive' })],
] as const)('%s', (way, one) => {
  expect(waysOf([one])).toEqual({ [way]: 1 })
})

test('what goes nowhere is not counted, and what failed is told apart', () => {
  const journeys = new Journeys(() => [])
  journeys.add([span('internal', {}), span('client', cosmos, { status: 'error' })])
  expect(journeys.counts['functions>database']).toEqual({ passed: 1, failed: 1 })
  expect(Object.values(journeys.counts).filter(({ passed }) => passed)).toHaveLength(1)
})

test('a step that is told of before its beginning is counted once that is there, or does not come', () => {
  vi.useFakeTimers()
  try {
    const trace: Span[] = []
    const journeys = new Journeys(() => trace)
    const tell = (one: Span) => {
      trace.push(one)
      journeys.add([one])
    }
    const taken = span('consumer', queue('orders'), { parentSpanId: 'sent elsewhere' })
    const step = span('internal', {}, { parentSpanId: taken.spanId })
    tell(span('client', cosmos, { parentSpanId: step.spanId }))
    tell(step)
    expect(journeys.counts['functions>database'].passed).toBe(0)
    tell(taken)
    expect(journeys.counts['makeline>database'].passed).toBe(1)
    tell(span('client', cosmos, { parentSpanId: 'never told of' }))
    vi.advanceTimersByTime(60_000)
    expect(journeys.counts).toMatchObject({
      'functions>database': { passed: 1 },
      'makeline>database': { passed: 1 },
    })
  } finally {
    vi.useRealTimers()
  }
})
