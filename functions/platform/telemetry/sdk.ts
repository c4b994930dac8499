/**
 * OpenTelemetry's SDK: records spans and log records and hands them to the exporters of the settings. A file of its own
 * beside the bundle, loaded where there is an exporter; an exporter is another, loaded when there is something to send,
 * which is after the first answer.
 */
import {
  type Attributes,
  type Context,
  createNoopMeter,
  type LogRecord,
  type MeterProvider,
  SeverityNumber,
} from '@opentelemetry/api'
import {
  type ExportResult,
  ExportResultCode,
  globalErrorHandler,
  setGlobalErrorHandler,
} from '@opentelemetry/core'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordExporter,
  type ReadableLogRecord,
} from '@opentelemetry/sdk-logs'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Metric } from './metrics.ts'
import type { Signal } from './otlpSettings.ts'
import { type Relay, relayBy } from './relay.ts'
import { samplerOf } from './sampler.ts'
import type { TelemetrySettings } from './settings.ts'

/** What an instance says of itself; attributes of OpenTelemetry's resources. */
export type ResourceAttributes = Record<string, string>

/** The exporters of one destination. */
export interface Exporters {
  spans: SpanExporter
  logs: LogRecordExporter
  metrics: PushMetricExporter
}

type Count = (attributes?: Attributes, by?: number) => void

/** Counting goes on with and without an exporter; see `metrics.ts`. */
export interface Counting {
  since: number
  collect(): Promise<Metric[]>
  spans: Count
  logs: Count
}

export interface Sdk {
  tracerProvider: TracerProvider
  /** Records one line of a log, in the trace of `context`. */
  log(record: LogRecord & { context: Context }): void
  /** Records what another service, which exports nothing itself, tells of its work. */
  relay: Relay
  /** Sends what is gathered, and nothing after it. */
  stop(): Promise<void>
}

/**
 * Bounds of what is gathered before it is sent, for an instance whose memory and whose telemetry's price are bounded too.
 * A queue that is full drops what is new; a thousand orders a few seconds apart are some 20,000 spans.
 */
const most = { spans: 16_384, logs: 4_096, batch: 512, attributes: 48, characters: 1_024, links: 128 }

/** How long one sending may take, and how long the end of the process waits for the last one, in milliseconds. */
const timeout = { export: 10_000, stop: 3_000 }

/**
 * @param counting the metrics as they are now, since when they are counted, in milliseconds since the epoch, and what counts
 *   the spans and log records that were sent or, with an `error.type`, lost.
 * @param onTrouble is told, at most once a minute, why telemetry could not be sent.
 */
export function startSdk(
  settings: TelemetrySettings,
  attributes: ResourceAttributes,
  load: {
    otlp(): Promise<Exporters>
    azureMonitor(): Promise<Exporters>
    metricExport(): Promise<typeof import('./metricExport.ts')>
  },
  counting: Counting,
  onTrouble: (message: string) => void,
): Sdk {
  const resource: Resource = resourceFromAttributes(attributes)
  let quietUntil = 0
  setGlobalErrorHandler((error) => {
    const time = performance.now()
    if (time < quietUntil) return
    quietUntil = time + 60_000
    onTrouble(typeof error === 'string' ? error : ((error as Error).message ?? 'unknown'))
  })
  const destinations = [
    settings.otlp && { load: once(load.otlp), signals: settings.otlp.signals },
    settings.azureMonitor && {
      load: once(load.azureMonitor),
      signals: ['traces', 'metrics', 'logs'] as const,
    },
  ].filter((destination) => destination !== null)
  const destinationsOf = (signal: Signal) =>
    destinations.filter(({ signals }) => signals.includes(signal)).map(({ load }) => load)
  const batch = {
    maxExportBatchSize: most.batch,
    scheduledDelayMillis: settings.sendDelay,
    exportTimeoutMillis: timeout.export,
  }
  const sampler = samplerOf(settings)
  const spanProcessors = destinationsOf('traces').map(
    (load) =>
      new BatchSpanProcessor({
        ...batch,
        exporter: later<ReadableSpan, SpanExporter>(async () => (await load()).spans),
        maxQueueSize: most.spans,
        selfObsMeterProvider: countedBy(counting.spans),
      }),
  )
  const logProcessors = destinationsOf('logs').map(
    (load) =>
      new BatchLogRecordProcessor({
        ...batch,
        exporter: later<ReadableLogRecord, LogRecordExporter>(async () => (await load()).logs),
        maxQueueSize: most.logs,
        selfObsMeterProvider: countedBy(counting.logs),
      }),
  )
  const tracerProvider = new TracerProvider({
    resource,
    sampler,
    spanLimits: {
      attributeCountLimit: most.attributes,
      attributeValueLengthLimit: most.characters,
      linkCountLimit: most.links,
    },
    spanProcessors,
  })
  const loggerProvider = new LoggerProvider({
    resource,
    logRecordLimits: { attributeCountLimit: most.attributes, attributeValueLengthLimit: most.characters },
    processors: logProcessors,
  })
  const metrics = once(async () => {
    const { exportMetrics } = await load.metricExport()
    const exporters = await Promise.all(destinationsOf('metrics').map((load) => load()))
    return exporters.map(({ metrics }) =>
      exportMetrics(metrics, attributes, settings.metricInterval, counting),
    )
  })
  // After the first answer, which loading them would hold up.
  const begin = setTimeout(
    () => metrics().catch(globalErrorHandler),
    Math.min(settings.metricInterval, 5_000),
  ).unref()
  const logger = loggerProvider.getLogger('store')
  const within = (work: Promise<unknown>) =>
    Promise.race([work, new Promise((resolve) => setTimeout(resolve, timeout.stop).unref())])
  const all = (how: 'forceFlush' | 'shutdown') => [tracerProvider[how](), loggerProvider[how]()]
  return {
    tracerProvider,
    log: (record) => logger.emit({ severityNumber: SeverityNumber.INFO, ...record }),
    relay: relayBy(attributes, sampler, spanProcessors, logProcessors),
    stop: async () => {
      clearTimeout(begin)
      const last = metrics().then((ends) => Promise.all(ends.map((end) => end())))
      // A batch that fails ends the wait for no other.
      const flushed = Promise.allSettled([...all('forceFlush'), last])
      await within(flushed.then(() => Promise.allSettled(all('shutdown'))))
    },
  }
}

/** What a processor of the SDK counts of itself, for a counter of ours: the SDK for metrics is not here yet. */
const countedBy = (count: Count): MeterProvider => ({
  getMeter: () =>
    Object.assign(createNoopMeter(), {
      createCounter: () => ({ add: (by: number, attributes?: Attributes) => count(attributes, by) }),
    }),
})

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => {
    loaded ??= load().catch((error) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
}

interface Exporter<Item> {
  export(items: Item[], done: (result: ExportResult) => void): void
  shutdown(): Promise<void>
  forceFlush?(): Promise<void>
}

/**
 * An exporter that is loaded for the first batch; until then its processor keeps what there is. It ends when all that is
 * on its way has come to an end, which not every exporter waits for, and no processor once a batch has failed.
 */
function later<Item, E extends Exporter<Item>>(load: () => Promise<E>): Required<Exporter<Item>> {
  let exporter: E | undefined
  const onTheirWay = new Set<Promise<void>>()
  return {
    export(items, told) {
      const { promise, resolve } = Promise.withResolvers<void>()
      onTheirWay.add(promise)
      const done = (result: ExportResult) => {
        onTheirWay.delete(promise)
        resolve()
        told(result)
      }
      const send = (ready: E) => {
        exporter = ready
        ready.export(items, done)
      }
      if (exporter) send(exporter)
      else
        load()
          .then(send)
          .catch((error) => done({ code: ExportResultCode.FAILED, error }))
    },
    shutdown: async () => {
      await Promise.all(onTheirWay)
      await exporter?.shutdown()
    },
    forceFlush: async () => exporter?.forceFlush?.(),
  }
}
