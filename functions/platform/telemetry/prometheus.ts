/**
 * Prometheus' text format 0.0.4, with the names that OpenTelemetry's metrics have there: dots become underscores, the unit
 * comes last, and a counter ends in `_total`.
 */
import type { Attributes } from '@opentelemetry/api'
import type { Metric, Series } from './metrics.ts'

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

const units: Record<string, string> = { s: 'seconds', By: 'bytes', '1': 'ratio' }

/** The name of a metric in Prometheus. */
export function prometheusName({ name, unit, kind }: Pick<Metric, 'name' | 'unit' | 'kind'>): string {
  // A unit in braces is a word for people; a gauge of 1 that is 0 or 1 is no ratio.
  const suffix = unit === '1' && kind !== 'gauge' ? 'ratio' : unit === '1' ? undefined : units[unit]
  const base = name.replace(/[^a-zA-Z0-9_:]/g, '_')
  const united = suffix && !base.endsWith(`_${suffix}`) ? `${base}_${suffix}` : base
  return kind === 'counter' && !united.endsWith('_total') ? `${united}_total` : united
}

/** Metrics as text. */
export const prometheusText = (metrics: readonly Metric[]): string => metrics.map(familyOf).join('')

function familyOf(metric: Metric): string {
  const name = prometheusName(metric)
  const lines = metric.series.flatMap((series) =>
    metric.kind === 'histogram'
      ? bucketsOf(name, metric.bounds ?? [], series)
      : [line(name, series.attributes, series.value)],
  )
  return [
    `# HELP ${name} ${escaped(metric.description)}`,
    `# TYPE ${name} ${metric.kind}`,
    ...lines,
    '',
  ].join('\n')
}

/** A histogram's buckets hold all values up to their bound, in Prometheus. */
function bucketsOf(
  name: string,
  bounds: readonly number[],
  { attributes, value, buckets = [] }: Series,
): string[] {
  let count = 0
  const lines = [...bounds, '+Inf'].map((bound, at) => {
    count += buckets[at] ?? 0
    return line(`${name}_bucket`, { ...attributes, le: String(bound) }, count)
  })
  return [...lines, line(`${name}_sum`, attributes, value), line(`${name}_count`, attributes, count)]
}

function line(name: string, attributes: Attributes, value: number): string {
  const labels = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${key.replace(/[^a-zA-Z0-9_]/g, '_')}="${escaped(String(value)).replaceAll('"', '\\"')}"`,
    )
  return `${name}${labels.length ? `{${labels.join(',')}}` : ''} ${value}`
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
