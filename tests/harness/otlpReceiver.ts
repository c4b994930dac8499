/**
 * A plain receiver of OTLP over HTTP, as JSON or as protobuf: keeps what an app exports, for a test to read back. It can be
 * slow, and pass on what it got.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'

/** A span as OTLP's JSON has it, its attributes as a plain object. */
export interface ReceivedSpan {
  traceId: string
  spanId: string
  /** "" for the first of a trace. */
  parentSpanId: string
  name: string
  /** INTERNAL 1, SERVER 2, CLIENT 3, PRODUCER 4, CONSUMER 5. */
  kind: number
  attributes: Record<string, unknown>
  links: { traceId: string; spanId: string }[]
  /** UNSET 0, ERROR 2. */
  status: number
  service: string
}

export interface ReceivedLog {
  body: string
  traceId: string
  spanId: string
  severityText: string
  attributes: Record<string, unknown>
}

export interface ReceivedMetric {
  name: string
  unit: string
  points: { attributes: Record<string, unknown>; value: number; count?: number }[]
}

export interface OtlpReceiver {
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is to be. */
  readonly url: string
  /** It answers when this is settled. */
  held: Promise<void> | undefined
  /** Where it sends what it got, once that is known: the address of another receiver. */
  onward: string | undefined
  readonly spans: ReceivedSpan[]
  readonly logs: ReceivedLog[]
  /** The last of each metric that came. */
  readonly metrics: Map<string, ReceivedMetric>
  /** Every body, as JSON. */
  readonly bodies: string[]
  close(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at as it is.
type Json = any

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const logs: ReceivedLog[] = []
  const metrics = new Map<string, ReceivedMetric>()
  const bodies: string[] = []
  const takers: Record<string, (body: Json) => void> = {
    '/v1/traces': ({ resourceSpans }) => {
      for (const { resource, scopeSpans } of resourceSpans)
        for (const scope of scopeSpans)
          for (const span of scope.spans) spans.push(spanOf(span, attributesOf(resource.attributes)))
    },
    '/v1/logs': ({ resourceLogs }) => {
      for (const { scopeLogs } of resourceLogs)
        for (const scope of scopeLogs) for (const record of scope.logRecords) logs.push(logOf(record))
    },
    '/v1/metrics': ({ resourceMetrics }) => {
      for (const { scopeMetrics } of resourceMetrics)
        for (const scope of scopeMetrics)
          for (const metric of scope.metrics) metrics.set(metric.name, metricOf(metric))
    },
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const bytes = Buffer.concat(chunks)
    const unpacked = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
    const { url = '', headers } = request
    const type = headers['content-type'] ?? ''
    const body = type === 'application/json' ? JSON.parse(unpacked.toString()) : decoded(url, unpacked)
    bodies.push(JSON.stringify(body))
    takers[url]?.(body)
    if (receiver.onward) {
      const encoding = headers['content-encoding']
      await fetch(`${receiver.onward}${url}`, {
        method: 'POST',
        headers: { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) },
        body: bytes,
      })
    }
    await receiver.held
    response.writeHead(200, { 'content-type': type }).end(type.endsWith('json') ? '{}' : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held: undefined,
    onward: undefined,
    spans,
    logs,
    metrics,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return receiver
}

const { root } = protobuf.parse(
  readFileSync(new URL('../../local/console/otlp/otlp.proto', import.meta.url), 'utf8'),
)

/** What came as protobuf, as it would have come as JSON: there ids are hexadecimal. */
function decoded(url: string, bytes: Uint8Array): Json {
  const names: Record<string, string> = {
    '/v1/traces': 'Traces',
    '/v1/logs': 'Logs',
    '/v1/metrics': 'Metrics',
  }
  const type = root.lookupType(names[url] ?? '')
  const plain = type.toObject(type.decode(bytes), { longs: String })
  return JSON.parse(JSON.stringify(plain, (_, value) => (value?.type === 'Buffer' ? hex(value.data) : value)))
}

const hex = (bytes: number[]) => Buffer.from(bytes).toString('hex')

const spanOf = (span: Json, resource: Record<string, unknown>): ReceivedSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId ?? '',
  name: span.name,
  kind: span.kind,
  attributes: attributesOf(span.attributes),
  links: (span.links ?? []).map(({ traceId, spanId }: Json) => ({ traceId, spanId })),
  status: span.status?.code ?? 0,
  service: String(resource['service.name']),
})

const logOf = (record: Json): ReceivedLog => ({
  body: String(plain(record.body)),
  traceId: record.traceId ?? '',
  spanId: record.spanId ?? '',
  severityText: record.severityText,
  attributes: attributesOf(record.attributes),
})

const metricOf = ({ name, unit, ...data }: Json): ReceivedMetric => ({
  name,
  unit,
  points: (data.sum ?? data.gauge ?? data.histogram).dataPoints.map((point: Json) => ({
    attributes: attributesOf(point.attributes),
    value: Number(point.asDouble ?? point.asInt ?? point.sum),
    ...(point.count === undefined ? {} : { count: Number(point.count) }),
  })),
})

const attributesOf = (list: { key: string; value: Json }[] = []): Record<string, unknown> =>
  Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]))

function plain(value: Json): unknown {
  if (value?.arrayValue) return (value.arrayValue.values ?? []).map(plain)
  return (
    value?.stringValue ??
    value?.boolValue ??
    value?.doubleValue ??
    (value?.intValue === undefined ? undefined : Number(value.intValue))
  )
}
