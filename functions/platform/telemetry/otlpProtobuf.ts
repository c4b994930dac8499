/** Exporters of OTLP over HTTP as protobuf; otherwise as `otlpJson.ts`. A file of its own beside the bundle. */
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { atOnce } from './otlpLimits.ts'
import type { Exporters } from './sdk.ts'

export const exporters = (): Exporters => ({
  spans: new OTLPTraceExporter(atOnce),
  logs: new OTLPLogExporter(atOnce),
  metrics: new OTLPMetricExporter(atOnce),
})
