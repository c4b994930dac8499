/** From a request of OpenTelemetry's protocol, in either of its forms, to the console's model. */
import { z } from 'zod'
import {
  type Attributes,
  type LogRecord,
  type MetricPoint,
  type Span,
  spanKinds,
  type Value,
} from './model.ts'

/** Values nested deeper than this are cut off: nobody reads them, and they could end the stack. */
const deepest = 8
/** Characters of a text that are kept. */
const longest = 8_192

/** Ids are hexadecimal in JSON (contrary to protobuf's own rule for bytes) and bytes in protobuf. */
const id = (bytes: number) =>
  z
    .union([z.string(), z.instanceof(Uint8Array)])
    .transform((given) =>
      typeof given === 'string' ? given.toLowerCase() : Buffer.from(given).toString('hex'),
    )
    .pipe(
      z.string().regex(new RegExp(`^(?!0+$)[0-9a-f]{${bytes * 2}}$`), `An id of ${bytes} bytes is expected.`),
    )
const traceId = id(16)
const spanId = id(8)
/** An empty id is none. */
const optional = <T extends z.ZodType>(of: T) =>
  z.preprocess((given) => ((given as { length?: number } | null)?.length ? given : undefined), of.optional())

const whole = z.union([z.string().regex(/^-?\d{1,20}$/), z.number()])
/** Nanoseconds since the epoch, as milliseconds: what is no time that a `Date` can have is the nearest that is. */
const time = whole
  .transform((nanoseconds) => Math.min(Math.max(Number(nanoseconds) / 1e6, 0), 8.64e15))
  .prefault(0)
const text = z.string().transform(cut)
/** In JSON protobuf writes what is no number as a text. */
const double = z
  .custom<number | string>(
    (given) =>
      typeof given === 'number' ||
      (typeof given === 'string' && /^(NaN|-?Infinity|-?[\d.]+(e[+-]?\d+)?)$/i.test(given)),
  )
  .transform(Number)

/** A text that is too long, as a copy: a slice would keep all of it in memory. */
function cut(given: string): string {
  return given.length > longest ? Buffer.from(given.slice(0, longest)).toString() : given
}

const attributes = z
  .array(z.object({ key: z.string().max(1_024), value: z.unknown().optional() }))
  .max(1_000)
  .default([])
  .transform((pairs): Attributes => Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)])))
const resource = z
  .object({ attributes })
  .default({ attributes: {} })
  .transform(({ attributes }) => String(attributes['service.name'] ?? 'unknown_service'))

const span = z.object({
  traceId,
  spanId,
  parentSpanId: optional(spanId),
  name: text.default(''),
  kind: z.number().default(0),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes,
  events: z.array(z.object({ timeUnixNano: time, name: text.default(''), attributes })).default([]),
  links: z.array(z.object({ traceId, spanId })).default([]),
  status: z.object({ code: z.number().default(0), message: text.optional() }).default({ code: 0 }),
})
const logRecord = z.object({
  traceId: optional(traceId),
  spanId: optional(spanId),
  timeUnixNano: time,
  observedTimeUnixNano: time,
  severityNumber: z.number().default(0),
  severityText: text.default(''),
  body: z.unknown().optional(),
  attributes,
})
const numberPoint = z.object({
  timeUnixNano: time,
  asDouble: double.optional(),
  asInt: whole.optional(),
  attributes,
})
/** Of histograms of either sort, and of summaries. */
const distributionPoint = z.object({
  timeUnixNano: time,
  count: whole.default(0),
  sum: double.prefault(0),
  attributes,
})
const aggregationTemporality = z.number().default(0)
const numbers = z.object({ dataPoints: z.array(numberPoint).default([]), aggregationTemporality }).optional()
const distributions = z
  .object({ dataPoints: z.array(distributionPoint).default([]), aggregationTemporality })
  .optional()
const metric = z.object({
  name: z.string().max(255),
  description: text.default(''),
  unit: z.string().max(63).default(''),
  gauge: numbers,
  sum: numbers,
  histogram: distributions,
  exponentialHistogram: distributions,
  summary: distributions,
})

const list = <T extends z.ZodType>(of: T) => z.array(of).default([])
const traces = z.object({
  resourceSpans: list(z.object({ resource, scopeSpans: list(z.object({ spans: list(span) })) })),
})
const logs = z.object({
  resourceLogs: list(z.object({ resource, scopeLogs: list(z.object({ logRecords: list(logRecord) })) })),
})
const metrics = z.object({
  resourceMetrics: list(z.object({ resource, scopeMetrics: list(z.object({ metrics: list(metric) })) })),
})

/** @throws {z.ZodError} naming the first thing that is not as the protocol has it; so do the others. */
export function readSpans(request: unknown): Span[] {
  return traces.parse(request).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ kind, startTimeUnixNano, endTimeUnixNano, status, events, ...rest }) => ({
        ...rest,
        kind: spanKinds[kind] ?? 'unspecified',
        service: resource,
        begin: startTimeUnixNano,
        end: Math.max(startTimeUnixNano, endTimeUnixNano),
        status: (['unset', 'ok', 'error'] as const)[status.code] ?? 'unset',
        statusMessage: status.message || undefined,
        events: events.map(({ timeUnixNano, ...event }) => ({ at: timeUnixNano, ...event })),
      })),
  )
}

export function readLogs(request: unknown): LogRecord[] {
  return logs.parse(request).resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs
      .flatMap(({ logRecords }) => logRecords)
      .map(({ timeUnixNano, observedTimeUnixNano, severityNumber, severityText, body, ...rest }) => ({
        ...rest,
        service: resource,
        at: timeUnixNano || observedTimeUnixNano,
        severity: severityText || severityOf(severityNumber),
        body: plain(body),
      })),
  )
}

/** The points of all metrics; `isDelta`: what came since the last one, not since the start. */
export function readMetrics(request: unknown): (MetricPoint & { isDelta: boolean })[] {
  return metrics
    .parse(request)
    .resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics }) => metrics).flatMap((metric) => pointsOf(metric, resource)),
    )
}

function pointsOf(
  { name, description, unit, ...of }: z.infer<typeof metric>,
  service: string,
): (MetricPoint & { isDelta: boolean })[] {
  const about = { name, description, unit, service }
  const ofNumbers = [
    ['gauge', of.gauge],
    ['sum', of.sum],
  ] as const
  const ofDistributions = [of.histogram, of.exponentialHistogram, of.summary]
  return [
    ...ofNumbers.flatMap(([kind, given]) =>
      (given?.dataPoints ?? []).map(({ timeUnixNano, asDouble, asInt, attributes }) => ({
        ...about,
        kind,
        at: timeUnixNano,
        value: finite(asDouble ?? Number(asInt ?? Number.NaN)),
        attributes,
        isDelta: given?.aggregationTemporality === delta,
      })),
    ),
    ...ofDistributions.flatMap((given) =>
      (given?.dataPoints ?? []).map(({ timeUnixNano, sum, count, attributes }) => ({
        ...about,
        kind: 'distribution' as const,
        at: timeUnixNano,
        value: finite(sum),
        count: Number(count),
        attributes,
        isDelta: given?.aggregationTemporality === delta,
      })),
    ),
  ]
}

/** The protocol's number for it. */
const delta = 1
const finite = (value: number) => (Number.isFinite(value) ? value : null)

const severities = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
/** Each name has four numbers, from 1 on. */
const severityOf = (number: number) => severities[Math.floor((number - 1) / 4)] ?? ''

/** An `AnyValue` as JSON has it. */
function plain(given: unknown, depth = 0): Value {
  if (given === null || typeof given !== 'object' || depth > deepest) return null
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } =
    given as Record<string, unknown>
  const values = (of: unknown) => ((of as { values?: unknown[] } | null)?.values ?? []).slice(0, 1_000)
  if (typeof stringValue === 'string') return cut(stringValue)
  if (typeof boolValue === 'boolean') return boolValue
  if (intValue !== undefined) return Number(intValue)
  if (doubleValue !== undefined) return Number(doubleValue)
  if (arrayValue) return values(arrayValue).map((value) => plain(value, depth + 1))
  if (kvlistValue)
    return Object.fromEntries(
      values(kvlistValue).map((pair) => {
        const { key, value } = pair as { key?: unknown; value?: unknown }
        return [cut(String(key)), plain(value, depth + 1)]
      }),
    )
  if (bytesValue instanceof Uint8Array) return Buffer.from(bytesValue.subarray(0, longest)).toString('base64')
  return typeof bytesValue === 'string' ? cut(bytesValue) : null
}
