/** The spans of a trace as lines of a waterfall: each below its parent, in the order in which they began. */
import type { LogRecord, Span } from '../otlp/model.ts'

export interface Line {
  span: Span
  depth: number
  /** In percent of the trace's time. */
  left: number
  width: number
  logs: LogRecord[]
}

/** Deeper ones are not moved further to the right. */
const deepest = 8

/** A span whose parent is not there (yet) is a root; one that is its own ancestor is shown all the same. */
export function waterfallOf(spans: readonly Span[], logs: readonly LogRecord[]): Line[] {
  const begin = Math.min(...spans.map((span) => span.begin))
  const length = Math.max(...spans.map((span) => span.end)) - begin || 1
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const children = Map.groupBy(spans, ({ parentSpanId }) =>
    parentSpanId && ids.has(parentSpanId) ? parentSpanId : '',
  )
  const lines: Line[] = []
  const seen = new Set<string>()
  const add = (span: Span, depth: number) => {
    if (seen.has(span.spanId)) return
    seen.add(span.spanId)
    lines.push({
      span,
      depth: Math.min(depth, deepest),
      left: ((span.begin - begin) / length) * 100,
      width: Math.max(0.5, ((span.end - span.begin) / length) * 100),
      logs: logs.filter(({ spanId }) => spanId === span.spanId),
    })
    for (const child of children.get(span.spanId) ?? []) add(child, depth + 1)
  }
  for (const root of children.get('') ?? []) add(root, 0)
  for (const span of spans) add(span, 0)
  return lines
}
