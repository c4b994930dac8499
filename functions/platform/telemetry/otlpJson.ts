/**
 * Exporters of OTLP over HTTP as JSON. The endpoint, headers, compression and time-outs are theirs to read from
 * `OTEL_EXPORTER_OTLP_*`. A file of its own beside the bundle.
 */
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { atOnce } from './otlpLimits.ts'
import type { Exporters } from './sdk.ts'

export const exporters = (): Exporters => ({
  spans: new OTLPTraceExporter(atOnce),
  logs: new OTLPLogExporter(atOnce),
  metrics: new OTLPMetricExporter(atOnce),
})
