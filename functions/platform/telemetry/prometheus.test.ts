import { expect, test } from 'vitest'
import { counted, counter, histogram, type Metric } from './metrics.ts'
import { prometheusName, prometheusText } from './prometheus.ts'

// Names: OpenTelemetry, "Prometheus and OpenMetrics Compatibility". Text: Prometheus, "Exposition formats".
test.each([
  [{ name: 'store.orders', unit: '{order}', kind: 'counter' }, 'store_orders_total'],
  [
    { name: 'http.server.request.duration', unit: 's', kind: 'histogram' },
    'http_server_request_duration_seconds',
  ],
  [
    { name: 'store.broker.oldest_message.age', unit: 's', kind: 'gauge' },
    'store_broker_oldest_message_age_seconds',
  ],
  [{ name: 'store.source.up', unit: '1', kind: 'gauge' }, 'store_source_up'],
] as [Metric, string][])('%j is %s in Prometheus', (metric, name) => {
  expect(prometheusName(metric)).toBe(name)
})

test('a counter adds up by its attributes, and is not there before anything was counted', () => {
  const count = counter({ name: 'a.count', description: 'Counts\nand \\ more.', unit: '{thing}' })
  expect(counted()).toEqual([])
  count({ colour: 'say "red"\n' })
  count({ colour: 'say "red"\n' }, 2)
  count()
  expect(prometheusText(counted())).toBe(
    [
      '# HELP a_count_total Counts\\nand \\\\ more.',
      '# TYPE a_count_total counter',
      'a_count_total{colour="say \\"red\\"\\n"} 3',
      'a_count_total 1',
      '',
    ].join('\n'),
  )
})

// Prometheus, "Instrumentation": avoid missing metrics. `increase` does not see a series that begins with 1.
test('what may happen is there as 0 before it does', () => {
  counter({ name: 'd.count', description: 'Counts.', unit: '{thing}' }, [{ kind: 'x' }, { kind: 'y' }])({
    kind: 'y',
  })
  const metric = counted().filter(({ name }) => name === 'd.count')
  expect(prometheusText(metric).split('\n').slice(2)).toEqual([
    'd_count_total{kind="x"} 0',
    'd_count_total{kind="y"} 1',
    '',
  ])
})

test('a bucket of a histogram holds the values up to its bound and all smaller ones', () => {
  const record = histogram({ name: 'b.time', description: 'Times.', unit: 's', bounds: [1, 2] })
  for (const value of [0.5, 1, 1.5, 3]) record(value, { kind: 'x' })
  const metric = counted().filter(({ name }) => name === 'b.time')
  expect(prometheusText(metric).split('\n').slice(2)).toEqual([
    'b_time_seconds_bucket{kind="x",le="1"} 2',
    'b_time_seconds_bucket{kind="x",le="2"} 3',
    'b_time_seconds_bucket{kind="x",le="+Inf"} 4',
    'b_time_seconds_sum{kind="x"} 6',
    'b_time_seconds_count{kind="x"} 4',
    '',
  ])
})

test('whoever makes up attributes without end fills no memory', () => {
  const count = counter({ name: 'c.count', description: 'Counts.', unit: '{thing}' })
  for (let n = 0; n < 2_000; n++) count({ n })
  const series = counted().find(({ name }) => name === 'c.count')?.series ?? []
  expect(series).toHaveLength(501)
  expect(series.at(-1)).toEqual({ attributes: { 'otel.metric.overflow': true }, value: 1_500 })
})
