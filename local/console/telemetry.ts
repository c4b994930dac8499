/** What was told of late: a ring of traces with their logs, and the latest value of each metric. In memory only. */
import type { LogRecord, MetricPoint, Span } from './otlp/model.ts'
import { requestUnitsOf } from './prices.ts'

/** Beyond these the oldest go; of one trace, what comes beyond them is counted and not kept. */
const most = { traces: 500, spans: 50_000, spansOfTrace: 2_000, logsOfTrace: 500, metrics: 2_000 }

export interface Trace {
  id: string
  /** By the time at which they began. */
  spans: Span[]
  logs: LogRecord[]
  /** Spans and logs that came and were not kept: there were too many. */
  dropped: number
}

/** A trace in a list. */
export interface TraceSummary {
  id: string
  /** The name of its first span. */
  name: string
  services: string[]
  /** Milliseconds since the epoch. */
  begin: number
  /** From the beginning of the first span to the end of the last. */
  milliseconds: number
  spans: number
  errors: number
  requestUnits: number
}

export class Telemetry {
  readonly #traces = new Map<string, Trace>()
  readonly #metrics = new Map<string, MetricPoint>()
  readonly #listeners = new Set<(spans: Span[]) => void>()
  #spans = 0

  addSpans(given: Span[]): void {
    const added: Span[] = []
    for (const span of given) {
      const trace = this.#trace(span.traceId)
      // An exporter that heard no answer sends again.
      if (trace.spans.some(({ spanId }) => spanId === span.spanId)) continue
      if (trace.spans.length >= most.spansOfTrace) trace.dropped++
      else {
        trace.spans.push(span)
        added.push(span)
      }
    }
    this.#spans += added.length
    this.#trim()
    for (const listener of this.#listeners) listener(added)
  }

  /** Logs that belong to no trace are the terminal's: here they would be found by nobody. */
  addLogs(logs: LogRecord[]): void {
    for (const log of logs) {
      if (log.traceId === undefined) continue
      const trace = this.#trace(log.traceId)
      if (trace.logs.length >= most.logsOfTrace) trace.dropped++
      else trace.logs.push(log)
    }
    this.#trim()
  }

  addMetrics(points: MetricPoint[]): void {
    for (const point of points) {
      const key = JSON.stringify([point.service, point.name, point.attributes])
      if (this.#metrics.has(key) || this.#metrics.size < most.metrics) this.#metrics.set(key, point)
    }
  }

  /** Is told of what spans come from now on. */
  onSpans(listener: (spans: Span[]) => void): void {
    this.#listeners.add(listener)
  }

  /** The last traces, the latest first. A trace of which only logs have come is none yet. */
  list(limit: number): TraceSummary[] {
    return [...this.#traces.values()]
      .filter(({ spans }) => spans.length > 0)
      .map(summarise)
      .sort((a, b) => b.begin - a.begin)
      .slice(0, limit)
  }

  find(id: string): Trace | undefined {
    const trace = this.#traces.get(id)
    return (
      trace && {
        ...trace,
        spans: trace.spans.toSorted((a, b) => a.begin - b.begin),
        logs: trace.logs.toSorted((a, b) => a.at - b.at),
      }
    )
  }

  /** The spans of a trace as they came. */
  spansOf(id: string): readonly Span[] {
    return this.#traces.get(id)?.spans ?? []
  }

  get metrics(): MetricPoint[] {
    return [...this.#metrics.values()].sort((a, b) => a.name.localeCompare(b.name))
  }

  #trace(id: string): Trace {
    const known = this.#traces.get(id)
    if (known) return known
    const trace: Trace = { id, spans: [], logs: [], dropped: 0 }
    this.#traces.set(id, trace)
    return trace
  }

  #trim(): void {
    for (const [id, { spans }] of this.#traces) {
      if (this.#traces.size <= most.traces && this.#spans <= most.spans) return
      this.#traces.delete(id)
      this.#spans -= spans.length
    }
  }
}

function summarise({ id, spans }: Trace): TraceSummary {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const byBegin = spans.toSorted((a, b) => a.begin - b.begin)
  const first = byBegin.find(({ parentSpanId }) => !parentSpanId || !ids.has(parentSpanId)) ?? byBegin[0]
  const begin = byBegin[0]?.begin ?? 0
  return {
    id,
    name: first?.name ?? '',
    services: [...new Set(byBegin.map(({ service }) => service))],
    begin,
    milliseconds: Math.max(...spans.map(({ end }) => end)) - begin,
    spans: spans.length,
    errors: spans.filter(({ status }) => status === 'error').length,
    requestUnits: requestUnitsOf(spans),
  }
}
