/** What a web app tells of itself, as an exporter gets it. */
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  InMemorySpanExporter,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import type { RelayedSpan } from './browser.ts'
import { relayBy } from './relay.ts'

const click: RelayedSpan = {
  name: 'click /cart',
  kind: SpanKind.INTERNAL,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  isAlone: false,
  start: 1_800_000_000_250.5,
  duration: 1_500,
  attributes: { 'url.template': '/cart' },
}

function relay(sampler: Sampler = new AlwaysOnSampler(), attributes: Record<string, string> = {}) {
  const spans = new InMemorySpanExporter()
  const logs = new InMemoryLogRecordExporter()
  const tell = relayBy(
    { 'service.name': 'api', ...attributes },
    sampler,
    [new SimpleSpanProcessor({ exporter: spans })],
    [new SimpleLogRecordProcessor({ exporter: logs })],
  )
  return { tell, spans: () => spans.getFinishedSpans(), logs: () => logs.getFinishedLogRecords() }
}

test('a span is told with its times, of the app that it is of', () => {
  const { tell, spans } = relay(undefined, { 'service.version': '2.0.0', 'service.namespace': 'shop' })
  tell('web-store', [click], [])
  const [span] = spans()
  expect(span).toMatchObject({
    name: 'click /cart',
    kind: SpanKind.INTERNAL,
    startTime: [1_800_000_000, 250_500_000],
    endTime: [1_800_000_001, 750_500_000],
    duration: [1, 500_000_000],
    attributes: { 'url.template': '/cart' },
    status: { code: SpanStatusCode.UNSET },
    ended: true,
    links: [],
    events: [],
    instrumentationScope: { name: 'store' },
  })
  expect(span?.parentSpanContext).toBeUndefined()
  expect(span?.spanContext()).toEqual({
    traceId: click.traceId,
    spanId: click.spanId,
    traceFlags: TraceFlags.SAMPLED,
  })
  expect(span?.resource.attributes).toEqual({
    'service.name': 'web-store',
    'service.namespace': 'shop',
    'service.version': '2.0.0',
    'telemetry.sdk.language': 'webjs',
  })
})

test('a call that failed has its click as parent, and says how it failed', () => {
  const { tell, spans } = relay()
  tell('web-store', [{ ...click, parentId: '00f067aa0ba902b7', failure: '503' }], [])
  expect(spans()[0]).toMatchObject({
    parentSpanContext: { traceId: click.traceId, spanId: '00f067aa0ba902b7' },
    attributes: { 'url.template': '/cart', 'error.type': '503' },
    status: { code: SpanStatusCode.ERROR },
  })
})

test('each app has a name of its own, also when it tells again', () => {
  const { tell, spans, logs } = relay()
  tell('web-store', [click], [])
  tell('web-admin', [click], [])
  tell('web-store', [click], [{ name: 'browser.web_vital', attributes: { value: 7 } }])
  expect(spans().map(({ resource }) => resource.attributes['service.name'])).toEqual([
    'web-store',
    'web-admin',
    'web-store',
  ])
  expect(spans()[0]?.resource).toBe(spans()[2]?.resource)
  expect(spans()[0]?.resource.attributes).not.toHaveProperty('service.namespace')
  expect(logs()).toMatchObject([{ eventName: 'browser.web_vital', attributes: { value: 7 } }])
  expect(logs()[0]?.resource.attributes['service.name']).toBe('web-store')
})

// Its answer told the page whether the app keeps the trace; of a trace that no call went on with nobody told.
test('what stands alone is sampled as the app samples; what the app went on with is kept', () => {
  const { tell, spans } = relay(new AlwaysOffSampler())
  tell(
    'web-store',
    [
      { ...click, isAlone: true },
      { ...click, name: 'kept' },
    ],
    [],
  )
  expect(spans().map(({ name }) => name)).toEqual(['kept'])
  const all = relay(new AlwaysOnSampler())
  all.tell('web-store', [{ ...click, isAlone: true }], [])
  expect(all.spans()).toHaveLength(1)
})
