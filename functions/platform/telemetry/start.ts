/** Starts and ends the export of telemetry, as the life of the app goes. */
import type { LogHookContext } from '@azure/functions'
import { context, SeverityNumber } from '@opentelemetry/api'
import type { BrowserTelemetry } from '@store/contract'
import { config } from '../config.ts'
import { identity } from '../identity.ts'
import { relayed } from './browser.ts'
import { processedLogs, processedSpans } from './instruments.ts'
import { counted, countingSince, type Metric } from './metrics.ts'
import { resourceOf } from './resource.ts'
import type { Exporters, Sdk } from './sdk.ts'
import type { TelemetrySettings } from './settings.ts'
import { outsideOfTraces, recordBy } from './tracing.ts'

let sdk: Sdk | undefined

/**
 * Loads the SDK and records from now on. Call it before the first invocation, and only where the settings ask for it.
 * @param waiting what is to be exported of what the database and the broker know.
 */
export async function startTelemetry(
  settings: TelemetrySettings,
  waiting: () => Promise<Metric[]>,
): Promise<void> {
  const { startSdk } = await import('./sdk.ts')
  sdk = startSdk(
    settings,
    resourceOf(config(), process.env),
    {
      otlp: () => loadOtlp(settings),
      azureMonitor: () => loadAzureMonitor(settings),
      metricExport: () => import('./metricExport.ts'),
    },
    {
      since: countingSince,
      collect: async () => [
        ...counted().filter(({ hostsToo }) => !(hostsToo && settings.hostExports)),
        ...(await outsideOfTraces(waiting)),
      ],
      spans: processedSpans,
      logs: processedLogs,
    },
    (message) => console.warn(`Telemetry is not sent: ${message}`),
  )
  recordBy(sdk.tracerProvider)
}

/** Sends what is left, and records nothing any more. */
export async function stopTelemetry(): Promise<void> {
  recordBy()
  await sdk?.stop()
  sdk = undefined
}

async function loadOtlp({ otlp }: TelemetrySettings): Promise<Exporters> {
  const { exporters } =
    otlp?.protocol === 'http/protobuf' ? await import('./otlpProtobuf.ts') : await import('./otlpJson.ts')
  return exporters()
}

async function loadAzureMonitor({ azureMonitor }: TelemetrySettings): Promise<Exporters> {
  if (!azureMonitor) throw new Error('APPLICATIONINSIGHTS_CONNECTION_STRING is not set')
  const { exporters } = await import('./azureMonitor.ts')
  return exporters(azureMonitor, azureMonitor.withIdentity ? await identity() : undefined)
}

const severities: Record<string, SeverityNumber> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  information: SeverityNumber.INFO,
  warning: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  critical: SeverityNumber.FATAL,
}

/** Exports a line that a function logs, with the span that it was logged in. The programming model's own are not. */
export function exportLog({ level, message, category, invocationContext }: LogHookContext): void {
  if (category !== 'user') return
  sdk?.log({
    severityNumber: severities[level] ?? SeverityNumber.INFO,
    severityText: level,
    body: message,
    context: context.active(),
    attributes: {
      ...(invocationContext && {
        'faas.name': invocationContext.functionName,
        'faas.invocation.id': invocationContext.invocationId,
      }),
    },
  })
}

/** Records what a page of a web app tells, as that app's. */
export function recordBrowser(told: BrowserTelemetry): void {
  if (!sdk || !config().telemetry?.browser) return
  const { spans, events } = relayed(told, Date.now())
  sdk.relay(told.app, spans, events)
}
