import { expect, test } from 'vitest'
import type { Span } from '../otlp/model.ts'
import { waterfallOf } from './waterfall.ts'

const span = (spanId: string, parentSpanId: string | undefined, begin: number, end: number): Span => ({
  traceId: 't',
  spanId,
  parentSpanId,
  name: spanId,
  kind: 'internal',
  service: 'store',
  begin,
  end,
  status: 'unset',
  attributes: {},
  events: [],
  links: [],
})
const linesOf = (...spans: Span[]) =>
  waterfallOf(spans, []).map(({ span, depth, left, width }) => [span.spanId, depth, left, width])

test('each span stands below its parent, at its place in the time of the trace', () => {
  const spans = [
    span('a', undefined, 100, 200),
    span('b', 'a', 110, 120),
    span('c', 'a', 150, 200),
    span('d', 'b', 115, 120),
  ]
  expect(linesOf(...spans)).toEqual([
    ['a', 0, 0, 100],
    ['b', 1, 10, 10],
    ['d', 2, 15, 5],
    ['c', 1, 50, 50],
  ])
})

test('a span whose parent is elsewhere is a root, and a circle is shown once', () => {
  expect(
    linesOf(span('a', 'the host', 0, 1), span('b', 'c', 0, 1), span('c', 'b', 0, 1)).map(([id]) => id),
  ).toEqual(['a', 'b', 'c'])
})
