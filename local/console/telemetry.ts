/** What was told of late: a ring of traces with their logs, and the latest value of each metric. In memory only. */
import type { LogRecord, MetricPoint, Span } from './otlp/model.ts'
import { requestUnitsOf } from './prices.ts'

/**
 * Bounds of what is kept; sizes in characters of JSON. Of traces beyond them the oldest go; a span, record or series beyond
 * them is not kept. `others`: traces that are of no order, of which a page makes one with each look.
 */
const most = {
  traces: 500,
  others: 200,
  spansOfTrace: 2_000,
  logsOfTrace: 500,
  series: 2_000,
  size: 64_000_000,
  sizeOfRecord: 64_000,
  sizeOfSeries: 4_000,
}

export interface Trace {
  id: string
  /** By the time at which they began. */
  spans: Span[]
  logs: LogRecord[]
  /** Spans and logs that came and were not kept: there were too many, or they were too large. */
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

/** Which traces a list has: those of orders, those in which something failed, or all. */
export const traceFilters = ['orders', 'failed', 'all'] as const
export type TraceFilter = (typeof traceFilters)[number]

interface Kept extends Trace {
  size: number
  isOfOrder: boolean
}

export class Telemetry {
  readonly #traces = new Map<string, Kept>()
  readonly #metrics = new Map<string, MetricPoint>()
  readonly #listeners = new Set<(spans: Span[]) => void>()
  #size = 0
  #others = 0

  /** @returns how many were not kept. */
  addSpans(given: Span[]): number {
    const added: Span[] = []
    let dropped = 0
    for (const span of given) {
      const trace = this.#trace(span.traceId)
      // An exporter that heard no answer sends again.
      if (trace.spans.some(({ spanId }) => spanId === span.spanId)) continue
      if (trace.spans.length >= most.spansOfTrace || !this.#grow(trace, span)) dropped++
      else {
        trace.spans.push(span)
        added.push(span)
        if (!trace.isOfOrder && isOfOrder(span)) {
          trace.isOfOrder = true
          this.#others--
        }
      }
      this.#trim()
    }
    for (const listener of this.#listeners) listener(added)
    return dropped
  }

  /**
   * Logs that belong to no trace are the terminal's: here they would be found by nobody.
   * @returns how many others were not kept.
   */
  addLogs(logs: LogRecord[]): number {
    let dropped = 0
    for (const log of logs) {
      if (log.traceId === undefined) continue
      const trace = this.#trace(log.traceId)
      if (trace.logs.length >= most.logsOfTrace || !this.#grow(trace, log)) dropped++
      else trace.logs.push(log)
      this.#trim()
    }
    return dropped
  }

  /** @returns how many were not kept. */
  addMetrics(points: (MetricPoint & { isDelta: boolean })[]): number {
    let dropped = 0
    for (const { isDelta, ...point } of points) {
      const key = JSON.stringify([point.service, point.name, point.attributes])
      const known = this.#metrics.get(key)
      if (known) this.#metrics.set(key, isDelta ? sumOf(known, point) : point)
      else if (this.#metrics.size < most.series && key.length <= most.sizeOfSeries)
        this.#metrics.set(key, point)
      else dropped++
    }
    return dropped
  }

  /** Is told of what spans come from now on. */
  onSpans(listener: (spans: Span[]) => void): void {
    this.#listeners.add(listener)
  }

  /** The last traces, the latest first, and how many there are of each kind. A trace of which only logs have come is none yet. */
  list(
    limit: number,
    filter: TraceFilter = 'all',
  ): { traces: TraceSummary[]; counts: Record<TraceFilter, number> } {
    const all = [...this.#traces.values()].filter(({ spans }) => spans.length > 0)
    const of = {
      orders: all.filter((trace) => trace.isOfOrder),
      failed: all.filter(({ spans }) => spans.some(({ status }) => status === 'error')),
      all,
    }
    return {
      traces: of[filter]
        .map(summarise)
        .sort((a, b) => b.begin - a.begin)
        .slice(0, limit),
      counts: { orders: of.orders.length, failed: of.failed.length, all: all.length },
    }
  }

  find(id: string): Trace | undefined {
    const trace = this.#traces.get(id)
    return (
      trace && {
        id,
        spans: trace.spans.toSorted((a, b) => a.begin - b.begin),
        logs: trace.logs.toSorted((a, b) => a.at - b.at),
        dropped: trace.dropped,
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

  #trace(id: string): Kept {
    const known = this.#traces.get(id)
    if (known) return known
    const trace = { id, spans: [], logs: [], dropped: 0, size: 0, isOfOrder: false }
    this.#traces.set(id, trace)
    this.#others++
    return trace
  }

  /** Makes room for a record; false when it is too large to be kept. */
  #grow(trace: Kept, record: object): boolean {
    const size = JSON.stringify(record).length
    if (size > most.sizeOfRecord) {
      trace.dropped++
      return false
    }
    trace.size += size
    this.#size += size
    return true
  }

  #trim(): void {
    while (this.#traces.size > most.traces || this.#size > most.size) {
      const victim = this.#oldest()
      if (!victim) return
      this.#traces.delete(victim.id)
      this.#size -= victim.size
      if (!victim.isOfOrder) this.#others--
    }
  }

  /** Who goes first: looks at a page come by the hundred, and are to leave the orders' traces where they are. */
  #oldest(): Kept | undefined {
    const traces = this.#traces.values()
    return this.#others > most.others ? traces.find(({ isOfOrder }) => !isOfOrder) : traces.next().value
  }
}

/** Whether a span tells of an order: that one is placed, or moved. */
const isOfOrder = ({ attributes }: Span): boolean =>
  attributes['store.order.id'] !== undefined ||
  (attributes['http.route'] === '/api/orders' && attributes['http.request.method'] === 'POST')

const sumOf = (known: MetricPoint, added: MetricPoint): MetricPoint => ({
  ...added,
  value: (known.value ?? 0) + (added.value ?? 0),
  ...(added.count !== undefined && { count: (known.count ?? 0) + added.count }),
})

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
