/**
 * Exports at intervals what was counted, by OpenTelemetry's SDK for metrics. A file of its own beside the bundle, loaded
 * after the first answer.
 */
import { type HrTime, ValueType } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  InstrumentType,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics'
import type { Metric, Series } from './metrics.ts'

/**
 * Starts to export.
 * @param counting the metrics as they are now, counted from `since` on, in milliseconds since the epoch.
 * @returns what ends it, after a last export.
 */
export function exportMetrics(
  exporter: PushMetricExporter,
  resource: Record<string, string>,
  interval: number,
  counting: { since: number; collect(): Promise<Metric[]> },
): () => Promise<void> {
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: interval,
    exportTimeoutMillis: Math.min(interval, 10_000),
    metricProducers: [producerOf(counting, temporalityOf(exporter))],
  })
  const provider = new MeterProvider({ resource: resourceFromAttributes(resource), readers: [reader] })
  return () => provider.shutdown()
}

/** Whether a destination adds up what it is told, as Application Insights does, or is told sums from the start. */
const temporalityOf = (exporter: PushMetricExporter): AggregationTemporality =>
  exporter.selectAggregationTemporality?.(InstrumentType.COUNTER) ?? AggregationTemporality.CUMULATIVE

function producerOf(
  { since, collect: read }: { since: number; collect(): Promise<Metric[]> },
  temporality: AggregationTemporality,
): MetricProducer {
  const isDelta = temporality === AggregationTemporality.DELTA
  const told = new Map<string, Pick<Series, 'value' | 'buckets'>>()
  let from = since
  return {
    async collect() {
      const metrics = await read()
      const now = Date.now()
      const [start, end] = [millisToHrTime(from), millisToHrTime(now)]
      const data = metrics
        .map((metric) => (isDelta ? sinceLast(metric, told) : metric))
        .filter(({ series }) => series.length)
        .map((metric) => dataOf(metric, temporality, start, end))
      if (isDelta) from = now
      return {
        resourceMetrics: {
          resource: resourceFromAttributes({}),
          scopeMetrics: [{ scope: { name: 'store' }, metrics: data }],
        },
        errors: [],
      }
    },
  }
}

/** What was counted since the last time; of what was not there is nothing to tell, and to pay for. */
function sinceLast(metric: Metric, told: Map<string, Pick<Series, 'value' | 'buckets'>>): Metric {
  if (metric.kind === 'gauge') return metric
  const series = metric.series.map(({ attributes, value, buckets }) => {
    const key = `${metric.name} ${JSON.stringify(attributes)}`
    const before = told.get(key)
    told.set(key, { value, ...(buckets && { buckets: [...buckets] }) })
    return {
      attributes,
      value: value - (before?.value ?? 0),
      ...(buckets && { buckets: buckets.map((count, at) => count - (before?.buckets?.[at] ?? 0)) }),
    }
  })
  return { ...metric, series: series.filter(({ value, buckets }) => value || buckets?.some(Boolean)) }
}

function dataOf(
  metric: Metric,
  aggregationTemporality: AggregationTemporality,
  startTime: HrTime,
  endTime: HrTime,
): MetricData {
  const { name, description, unit, kind, bounds = [], series } = metric
  const type = {
    counter: InstrumentType.COUNTER,
    gauge: InstrumentType.GAUGE,
    histogram: InstrumentType.HISTOGRAM,
  }[kind]
  // Azure's exporter, of the older line, reads the type of the instrument.
  const descriptor = { name, description, unit, valueType: ValueType.DOUBLE, type, advice: {} }
  const times = { startTime, endTime }
  if (kind === 'histogram')
    return {
      descriptor,
      aggregationTemporality,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: series.map(({ attributes, value: sum, buckets = [] }) => ({
        ...times,
        attributes,
        value: {
          sum,
          count: buckets.reduce((all, count) => all + count, 0),
          buckets: { boundaries: [...bounds], counts: [...buckets] },
        },
      })),
    }
  const dataPoints = series.map(({ attributes, value }) => ({ ...times, attributes, value }))
  return kind === 'counter'
    ? { descriptor, aggregationTemporality, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints }
}
