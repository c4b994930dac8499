/** Records the spans and events of a service that exports nothing itself, beside those of this process. */
import { type HrTime, ROOT_CONTEXT, SeverityNumber, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, type LogRecordProcessor } from '@opentelemetry/sdk-logs'
import {
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace'
import type { RelayedEvent, RelayedSpan } from './browser.ts'

export type Relay = (service: string, spans: RelayedSpan[], events: RelayedEvent[]) => void

/** @param attributes what this process says of itself; the other service is of the same version and namespace. */
export function relayBy(
  attributes: Record<string, string>,
  sampler: Sampler,
  spanProcessors: SpanProcessor[],
  logProcessors: LogRecordProcessor[],
): Relay {
  const services = new Map<string, ReturnType<typeof serviceOf>>()

  function serviceOf(name: string) {
    const resource = resourceFromAttributes({
      'service.name': name,
      ...(attributes['service.namespace'] && { 'service.namespace': attributes['service.namespace'] }),
      'service.version': attributes['service.version'] ?? '',
      'telemetry.sdk.language': 'webjs',
    })
    return {
      resource,
      logger: new LoggerProvider({ resource, processors: logProcessors }).getLogger('store'),
    }
  }

  /** What began a trace that the app went on with was decided by the app, whose answer said so. */
  const isKept = ({ isAlone, traceId, name, kind }: RelayedSpan) =>
    !isAlone ||
    sampler.shouldSample(ROOT_CONTEXT, traceId, name, kind, {}, []).decision ===
      SamplingDecision.RECORD_AND_SAMPLED

  return (name, spans, events) => {
    const service = services.get(name) ?? serviceOf(name)
    services.set(name, service)
    for (const span of spans.filter(isKept)) {
      const ended = endedSpan(span, service.resource)
      for (const processor of spanProcessors) processor.onEnd(ended)
    }
    for (const { name, attributes } of events)
      service.logger.emit({ eventName: name, severityNumber: SeverityNumber.INFO, attributes })
  }
}

function endedSpan(span: RelayedSpan, resource: Resource): ReadableSpan {
  const { traceId, spanId, parentId, failure, start, duration } = span
  const context = (spanId: string) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED })
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => context(spanId),
    ...(parentId && { parentSpanContext: context(parentId) }),
    startTime: hrTime(start),
    endTime: hrTime(start + duration),
    duration: hrTime(duration),
    attributes: { ...span.attributes, ...(failure && { 'error.type': failure }) },
    status: { code: failure ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    ended: true,
    resource,
    instrumentationScope: { name: 'store' },
    links: [],
    events: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

/** Seconds and nanoseconds. */
function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000)
  return [seconds, Math.floor((milliseconds - seconds * 1_000) * 1e6)]
}
