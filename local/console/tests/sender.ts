/** An app that tells of itself with OpenTelemetry's SDK and its exporters for Node.js, which are not ours. */
import { type Context, ROOT_CONTEXT, SpanKind, type SpanOptions, trace } from '@opentelemetry/api'
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto'
import {
  type AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetrics,
} from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

const exporters = {
  json: { Traces: JsonTraces, Logs: JsonLogs, Metrics: JsonMetrics },
  protobuf: { Traces: ProtoTraces, Logs: ProtoLogs, Metrics: ProtoMetrics },
}
export type Form = keyof typeof exporters

interface SenderOptions {
  gzip?: boolean
  service?: string
  /** Whether metrics are told from the start (the default) or since the last time. */
  temporalityPreference?: AggregationTemporalityPreference
  views?: ViewOptions[]
}

/** `url`: of the console, without a slash at the end. */
export function startSender(
  url: string,
  form: Form,
  { gzip = false, service = 'store', temporalityPreference, views = [] }: SenderOptions = {},
) {
  const { Traces, Logs, Metrics } = exporters[form]
  const resource = resourceFromAttributes({ 'service.name': service })
  const to = (path: string) => ({
    url: `${url}/v1/${path}`,
    // The enumeration has just these texts, and TypeScript lets no text stand for it.
    ...(gzip && { compression: 'gzip' as never }),
  })
  const traces = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new Traces(to('traces')) })],
  })
  const logs = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter: new Logs(to('logs')) })],
  })
  const metrics = new MeterProvider({
    resource,
    views,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new Metrics({
          ...to('metrics'),
          ...(temporalityPreference !== undefined && { temporalityPreference }),
        }),
        exportIntervalMillis: 60_000,
      }),
    ],
  })
  return {
    tracer: traces.getTracer('test'),
    logger: logs.getLogger('test'),
    meter: metrics.getMeter('test'),
    /** Sends all there is; rejects when the console does not take it. */
    flush: () => Promise.all([traces.forceFlush(), logs.forceFlush(), metrics.forceFlush()]),
    stop: () => Promise.all([traces.shutdown(), logs.shutdown(), metrics.shutdown()]),
  }
}
export type Sender = ReturnType<typeof startSender>

/** The spans of an order that is placed and made, as the store's own; answers the trace's id. */
export function sendOrder({ tracer }: Sender): string {
  const step = (name: string, options: SpanOptions, parent: Context, milliseconds: number) => {
    const begin = Date.now()
    const span = tracer.startSpan(name, { ...options, startTime: begin }, parent)
    span.end(begin + milliseconds)
    return trace.setSpan(parent, span)
  }
  const cosmos = (charge: number) => ({
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'azure.cosmosdb',
      'db.collection.name': 'orders',
      'azure.cosmosdb.operation.request_charge': charge,
    },
  })
  const queue = (kind: SpanKind) => ({
    kind,
    attributes: { 'messaging.system': 'servicebus', 'messaging.destination.name': 'orders' },
  })
  const faas = (id: string) => ({ 'faas.trigger': 'other', 'faas.invocation_id': id })
  const http = { 'http.route': '/api/orders', 'http.request.method': 'POST' }
  const placed = step(
    'POST /api/orders',
    { kind: SpanKind.SERVER, attributes: { ...http, ...faas('1') } },
    ROOT_CONTEXT,
    30,
  )
  step('create_item orders', cosmos(5.5), placed, 8)
  const sent = step('send orders', queue(SpanKind.PRODUCER), placed, 5)
  const consumer = queue(SpanKind.CONSUMER)
  const made = step(
    'process orders',
    { ...consumer, attributes: { ...consumer.attributes, ...faas('2') } },
    sent,
    20,
  )
  step('patch_item orders', cosmos(11), made, 9)
  return trace.getSpanContext(placed)?.traceId ?? ''
}
