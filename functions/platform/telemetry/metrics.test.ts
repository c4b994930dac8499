/** What is counted, and how it is kept. */
import { beforeEach, expect, test, vi } from 'vitest'

let metrics: typeof import('./metrics.ts')
beforeEach(async () => {
  vi.resetModules()
  metrics = await import('./metrics.ts')
})

const about = { name: 'store.things', description: 'Things.', unit: '{thing}' }
const only = () => {
  const counted = metrics.counted()
  expect(counted).toHaveLength(1)
  return counted[0]
}

test('a counter begins with what it counts, by what it is told of it', () => {
  const count = metrics.counter(about)
  expect(metrics.counted()).toEqual([])
  count()
  count({ kind: 'a' }, 3)
  count({ kind: 'a' })
  expect(only()).toEqual({
    ...about,
    kind: 'counter',
    series: [
      { attributes: {}, value: 1 },
      { attributes: { kind: 'a' }, value: 4 },
    ],
  })
})

test('what may be counted is there from 0 on', () => {
  metrics.counter(about, [{ kind: 'a' }, { kind: 'b' }])
  expect(only()?.series.map(({ value }) => value)).toEqual([0, 0])
})

// Prometheus and OpenTelemetry: a bucket holds what is at most its bound; the last has none.
test('a histogram has a sum, and a value in the first bucket that it fits', () => {
  const record = metrics.histogram({ ...about, bounds: [1, 5] })
  for (const value of [0.5, 1, 1.5, 5, 6, 100]) record(value)
  record(2, { kind: 'a' })
  expect(only()).toMatchObject({
    kind: 'histogram',
    bounds: [1, 5],
    series: [
      { attributes: {}, value: 114, buckets: [2, 2, 2] },
      { attributes: { kind: 'a' }, value: 2, buckets: [0, 1, 0] },
    ],
  })
})

// OpenTelemetry, "Cardinality limits".
test('of more than five hundred series the rest is counted together', () => {
  const count = metrics.counter(about)
  for (let n = 0; n < 510; n++) count({ n })
  count({ n: 3 })
  count({ n: 505 })
  const series = only()?.series ?? []
  expect(series).toHaveLength(501)
  expect(series[3]).toEqual({ attributes: { n: 3 }, value: 2 })
  expect(series.at(-1)).toEqual({ attributes: { 'otel.metric.overflow': true }, value: 11 })
})

test('counting began when the process did', () => {
  expect(Math.abs(metrics.countingSince - Date.now())).toBeLessThan(60_000)
})
