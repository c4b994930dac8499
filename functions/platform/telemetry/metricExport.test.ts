import {
  AggregationTemporality,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { expect, test } from 'vitest'
import { exportMetrics } from './metricExport.ts'
import type { Metric } from './metrics.ts'

const orders = (values: Record<string, number>): Metric => ({
  name: 'store.orders',
  description: 'Orders.',
  unit: '{order}',
  kind: 'counter',
  series: Object.entries(values).map(([state, value]) => ({ attributes: { state }, value })),
})
const waiting = (value: number): Metric => ({
  ...orders({}),
  name: 'waiting',
  kind: 'gauge',
  series: [{ attributes: {}, value }],
})

/** Exports these, one after the other, to a destination of that kind. @returns what it was told each time. */
async function told(temporality: AggregationTemporality, metrics: Metric[][]) {
  const exported: ResourceMetrics[] = []
  const exporter: PushMetricExporter = {
    export: (data, done) => {
      exported.push(data)
      done({ code: 0 })
    },
    forceFlush: async () => {},
    shutdown: async () => {},
    selectAggregationTemporality: () => temporality,
  }
  const left = [...metrics]
  const end = exportMetrics(exporter, {}, 10, {
    since: 0,
    collect: async () => left.shift() ?? metrics.at(-1) ?? [],
  })
  await expect.poll(() => exported.length).toBeGreaterThanOrEqual(metrics.length)
  await end()
  return exported
    .slice(0, metrics.length)
    .map(({ scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => [descriptor.name, attributes.state, value]),
        ),
      ),
    )
}

const twice = [
  [orders({ placed: 2, cancelled: 0 }), waiting(7)],
  [orders({ placed: 2, cancelled: 1 }), waiting(7)],
]

test('who adds up is told what came since the last time, and nothing of what did not come', async () => {
  expect(await told(AggregationTemporality.DELTA, twice)).toEqual([
    [
      ['store.orders', 'placed', 2],
      ['waiting', undefined, 7],
    ],
    [
      ['store.orders', 'cancelled', 1],
      ['waiting', undefined, 7],
    ],
  ])
})

test('who does not add up is told all of it each time', async () => {
  expect((await told(AggregationTemporality.CUMULATIVE, twice))[1]).toEqual([
    ['store.orders', 'placed', 2],
    ['store.orders', 'cancelled', 1],
    ['waiting', undefined, 7],
  ])
})
