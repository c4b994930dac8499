/**
 * What this instance counts, from its start: counters and histograms in memory, by OpenTelemetry's names. They are read as
 * Prometheus' text at `/api/metrics` (`prometheus.ts`) and exported where an exporter is set up (`metricExport.ts`), so
 * they count with and without the SDK.
 */
import type { Attributes } from '@opentelemetry/api'

/** A metric with all its series. */
export interface Metric {
  name: string
  description: string
  /** As in UCUM: `s`, `{order}`. */
  unit: string
  kind: 'counter' | 'gauge' | 'histogram'
  /** Upper bounds of a histogram's buckets; the last bucket has none. */
  bounds?: readonly number[]
  /** Whether the Functions host measures the same, so that there is one of it where the host exports. */
  hostsToo?: boolean
  series: Series[]
}

export interface Series {
  attributes: Attributes
  /** A counter's or gauge's value; a histogram's sum. */
  value: number
  /** How many values fell in each bucket of a histogram. */
  buckets?: number[]
}

/** Sets of attributes that a metric may have; others are counted together, under the name that OpenTelemetry has for that. */
const mostSeries = 500
const overflow: Attributes = { 'otel.metric.overflow': true }

const metrics: Metric[] = []

/** When counting began, in milliseconds since the epoch. */
export const countingSince: number = Date.now()

/** All that was counted so far; metrics of which nothing was are left out. */
export const counted = (): Metric[] => metrics.filter(({ series }) => series.length)

type Definition = Omit<Metric, 'kind' | 'series' | 'bounds'>

/**
 * Defines a counter.
 * @param known sets of attributes that are counted from 0 on: of a series that begins with its first event, Prometheus does
 *   not see that it grew.
 * @returns what counts: so many, by default one.
 */
export function counter(
  definition: Definition,
  known: readonly Attributes[] = [],
): (attributes?: Attributes, by?: number) => void {
  const seriesOf = define({ ...definition, kind: 'counter', series: [] })
  for (const attributes of known) seriesOf(attributes)
  return (attributes = {}, by = 1) => {
    seriesOf(attributes).value += by
  }
}

/** Defines a histogram. @returns what records a value. */
export function histogram(
  definition: Definition & { bounds: readonly number[] },
): (value: number, attributes?: Attributes) => void {
  const { bounds } = definition
  const seriesOf = define({ ...definition, kind: 'histogram', series: [] })
  return (value, attributes = {}) => {
    const series = seriesOf(attributes)
    series.value += value
    const at = bounds.findIndex((bound) => value <= bound)
    const { buckets = [] } = series
    const bucket = at < 0 ? bounds.length : at
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
}

function define(metric: Metric): (attributes: Attributes) => Series {
  metrics.push(metric)
  const known = new Map<string, Series>()
  const seriesOf = (attributes: Attributes): Series => {
    const key = keyOf(attributes)
    const found = known.get(key)
    if (found) return found
    if (known.size >= mostSeries && attributes !== overflow) return seriesOf(overflow)
    const { bounds } = metric
    const made = {
      attributes,
      value: 0,
      ...(bounds && { buckets: Array<number>(bounds.length + 1).fill(0) }),
    }
    known.set(key, made)
    metric.series.push(made)
    return made
  }
  return seriesOf
}

/** What tells sets of attributes apart; quicker than JSON, for it is made with each event. */
function keyOf(attributes: Attributes): string {
  let key = ''
  for (const name in attributes) key += `${name}\0${attributes[name]}\0`
  return key
}

/** Bounds in seconds for what a person or a lock waits for, those that the conventions advise for HTTP and databases. */
export const secondsOfACall = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
