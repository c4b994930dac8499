/** What is kept of telemetry, and what goes first. */
import { expect, test } from 'vitest'
import type { Span } from './otlp/model.ts'
import { Telemetry } from './telemetry.ts'

let next = 0
const span = (traceId: string, attributes: Span['attributes'] = {}, more: Partial<Span> = {}): Span => ({
  traceId,
  spanId: String(++next),
  name: 'a span',
  kind: 'internal',
  service: 'store',
  begin: next,
  end: next + 1,
  status: 'unset',
  attributes,
  events: [],
  links: [],
  ...more,
})
const placed = { 'http.route': '/api/orders', 'http.request.method': 'POST' }
const ids = (telemetry: Telemetry, of?: 'orders' | 'failed') =>
  telemetry.list(500, of).traces.map(({ id }) => id)

test('orders stay while pages are looked at, and are listed alone', () => {
  const telemetry = new Telemetry()
  telemetry.addSpans([span('placed', placed), span('made', { 'store.order.id': '7' })])
  for (let n = 0; n < 1_000; n++)
    telemetry.addSpans([span(`page ${n}`, { 'http.route': '/api/orders', 'http.request.method': 'GET' })])
  telemetry.addSpans([span('broken', {}, { status: 'error' })])
  expect(ids(telemetry, 'orders')).toEqual(['made', 'placed'])
  expect(ids(telemetry, 'failed')).toEqual(['broken'])
  expect(telemetry.list(1).counts).toEqual({ orders: 2, failed: 1, all: 500 })
  expect(ids(telemetry)[0]).toBe('broken')
})

test('of orders alone the oldest go, and a trace is of an order as soon as one of its spans is', () => {
  const telemetry = new Telemetry()
  for (let n = 0; n < 501; n++) telemetry.addSpans([span(`order ${n}`)])
  for (let n = 1; n < 501; n++) telemetry.addSpans([span(`order ${n}`, placed)])
  telemetry.addSpans([span('the last', placed)])
  expect(ids(telemetry, 'orders')).toHaveLength(500)
  expect(ids(telemetry)).not.toContain('order 1')
})

test('all of it together has a bound, and one record too', () => {
  const telemetry = new Telemetry()
  const large = 'x'.repeat(50_000)
  for (let n = 0; n < 200; n++)
    telemetry.addSpans(Array.from({ length: 10 }, () => span(`trace ${n}`, { large })))
  const kept = telemetry.list(500).traces
  expect(kept.length * 10 * large.length).toBeLessThan(64_000_000)
  expect(kept.length).toBeGreaterThan(100)
  expect(kept[0]?.id).toBe('trace 199')

  expect(telemetry.addSpans([span('huge', { large: 'x'.repeat(70_000) }), span('huge')])).toBe(1)
  expect(telemetry.find('huge')).toMatchObject({ dropped: 1, spans: [{ attributes: {} }] })
})

test('sums from the start take each other’s place, and those since the last time add up', () => {
  const telemetry = new Telemetry()
  const point = {
    name: 'made',
    description: '',
    unit: '',
    kind: 'sum',
    service: 'a',
    at: 0,
    attributes: {},
  } as const
  for (const value of [2, 3]) telemetry.addMetrics([{ ...point, value, isDelta: false }])
  expect(telemetry.metrics).toMatchObject([{ value: 3 }])
  for (const value of [2, 3]) telemetry.addMetrics([{ ...point, value, isDelta: true }])
  expect(telemetry.metrics).toMatchObject([{ value: 8 }])
})

test('a sender of ever new series is told when no more are kept', () => {
  const telemetry = new Telemetry()
  const point = {
    name: 'n',
    description: '',
    unit: '',
    kind: 'gauge',
    service: 'a',
    at: 0,
    value: 1,
    isDelta: false,
  } as const
  const points = Array.from({ length: 2_001 }, (_, n) => ({ ...point, attributes: { n } }))
  expect(telemetry.addMetrics(points)).toBe(1)
  expect(telemetry.metrics).toHaveLength(2_000)
  expect(telemetry.addMetrics([{ ...point, attributes: { large: 'x'.repeat(5_000) } }])).toBe(1)
})
