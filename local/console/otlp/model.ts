/** What the console keeps of telemetry: OpenTelemetry's data model, with times in milliseconds and plain values. */

export type Value = string | number | boolean | Value[] | { [key: string]: Value } | null
export type Attributes = { [key: string]: Value }

export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
export type SpanKind = (typeof spanKinds)[number]

export interface Span {
  /** 32 hexadecimal digits. */
  traceId: string
  /** 16 hexadecimal digits. */
  spanId: string
  parentSpanId?: string | undefined
  name: string
  kind: SpanKind
  /** `service.name` of its resource. */
  service: string
  /** Milliseconds since the epoch, with fractions. */
  begin: number
  end: number
  status: 'unset' | 'ok' | 'error'
  statusMessage?: string | undefined
  attributes: Attributes
  events: { at: number; name: string; attributes: Attributes }[]
  links: { traceId: string; spanId: string }[]
}

export interface LogRecord {
  traceId?: string | undefined
  spanId?: string | undefined
  service: string
  at: number
  /** As the sender calls it, else by its number: TRACE, DEBUG, INFO, WARN, ERROR, FATAL. */
  severity: string
  body: Value
  attributes: Attributes
}

/** The latest value of a metric for one set of attributes. */
export interface MetricPoint {
  name: string
  description: string
  unit: string
  /** A distribution is a histogram of any sort, or a summary. */
  kind: 'gauge' | 'sum' | 'distribution'
  service: string
  at: number
  /** Of a distribution the sum; null: no number. */
  value: number | null
  /** Of a distribution: how many values. */
  count?: number | undefined
  attributes: Attributes
}
