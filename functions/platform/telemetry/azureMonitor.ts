/**
 * Exporters of Application Insights. A file of its own beside the bundle: it brings an older line of the SDK with it, and
 * takes a tenth of a second to load.
 */
import {
  AzureMonitorLogExporter,
  AzureMonitorMetricExporter,
  AzureMonitorTraceExporter,
} from '@azure/monitor-opentelemetry-exporter'
import { SpanKind } from '@opentelemetry/api'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Exporters } from './sdk.ts'
import type { TelemetrySettings } from './settings.ts'

type Destination = NonNullable<TelemetrySettings['azureMonitor']>
type Credential = NonNullable<ConstructorParameters<typeof AzureMonitorTraceExporter>[0]>['credential']

export function exporters({ connectionString }: Destination, credential: Credential | undefined): Exporters {
  // Statistics of the exporter itself, which it would send to Microsoft.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= 'true'
  process.env.APPLICATIONINSIGHTS_SDKSTATS_DISABLED ??= 'true'
  const options = {
    connectionString,
    // It would keep in the temporary folder what it cannot send, for an instance that may never come back.
    disableOfflineStorage: true,
    ...(credential && { credential }),
  }
  // Both lines of the SDK have the same shape of spans and log records, which the integration test holds.
  const spans = new AzureMonitorTraceExporter(options) as unknown as SpanExporter
  const logs = new AzureMonitorLogExporter(options) as unknown as Required<Exporters['logs']>
  return {
    spans: {
      export: (items, done) => spans.export(items.map(named), done),
      shutdown: () => spans.shutdown(),
    },
    logs: {
      export: (records, done) => logs.export(records.map(asEvent), done),
      shutdown: () => logs.shutdown(),
      forceFlush: () => logs.forceFlush(),
    },
    metrics: new AzureMonitorMetricExporter(options) as unknown as Exporters['metrics'],
  }
}

/** A record with an event's name has no text: by this attribute it becomes one of `AppEvents`, and no line without words. */
function asEvent(record: ReadableLogRecord): ReadableLogRecord {
  if (!record.eventName) return record
  return Object.create(record, {
    attributes: {
      value: { ...record.attributes, 'microsoft.custom_event.name': record.eventName },
      enumerable: true,
    },
  })
}

/** Of a consumer's span the exporter makes a request without a name; it takes one from this attribute. */
function named(span: ReadableSpan): ReadableSpan {
  if (span.kind !== SpanKind.CONSUMER) return span
  return Object.create(span, {
    attributes: { value: { ...span.attributes, 'ai.operation.name': span.name }, enumerable: true },
  })
}
