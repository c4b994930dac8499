/** What OpenTelemetry's own SDK sends, in both of the protocol's forms, and what others may try. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { diag, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AggregationTemporalityPreference } from '@opentelemetry/exporter-metrics-otlp-http'
import { AggregationType } from '@opentelemetry/sdk-metrics'
import protobuf from 'protobufjs'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { MetricPoint } from '../otlp/model.ts'
import { type Console, startConsole } from '../server.ts'
import type { Trace, TraceSummary } from '../telemetry.ts'
import { type Sender, sendOrder, startSender } from './sender.ts'

let console: Console
const senders: Sender[] = []
beforeAll(async () => {
  console = await startConsole()
})
afterEach(() => Promise.all(senders.splice(0).map((sender) => sender.stop())))
afterAll(() => console.close())

const sender = (
  ...[form, options]: [Parameters<typeof startSender>[1], Parameters<typeof startSender>[2]?]
) => {
  const made = startSender(console.url, form, options)
  senders.push(made)
  return made
}
const get = async <T>(path: string) => (await (await fetch(console.url + path)).json()) as T
const listed = async () => (await get<{ traces: TraceSummary[] }>('/api/traces')).traces

describe.each([
  ['json', false],
  ['json', true],
  ['protobuf', false],
  ['protobuf', true],
] as const)('as %s, packed: %s', (form, gzip) => {
  test('spans come as they were made', async () => {
    const app = sender(form, { gzip, service: 'an app' })
    const parent = app.tracer.startSpan('POST /api/orders', {
      kind: SpanKind.SERVER,
      startTime: 1_700_000_000_000.25,
    })
    const other = app.tracer.startSpan('another')
    const child = app.tracer.startSpan(
      'create_item orders',
      {
        kind: SpanKind.CLIENT,
        attributes: { text: 'né', yes: true, whole: -3, part: 0.5, list: ['a', 'b'] },
        links: [{ context: other.spanContext() }],
        startTime: 1_700_000_000_001,
      },
      trace.setSpan(ROOT_CONTEXT, parent),
    )
    child.addEvent('retried', { attempt: 2 }, 1_700_000_000_002)
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'busy' })
    child.end(1_700_000_000_009)
    parent.end(1_700_000_000_010.5)
    await app.flush()

    const { traceId, spanId } = parent.spanContext()
    const { spans } = await get<Trace>(`/api/traces/${traceId}`)
    expect(spans).toEqual([
      expect.objectContaining({
        spanId,
        name: 'POST /api/orders',
        kind: 'server',
        service: 'an app',
        begin: 1_700_000_000_000.25,
        end: 1_700_000_000_010.5,
        status: 'unset',
      }),
      expect.objectContaining({
        parentSpanId: spanId,
        kind: 'client',
        status: 'error',
        statusMessage: 'busy',
        attributes: { text: 'né', yes: true, whole: -3, part: 0.5, list: ['a', 'b'] },
        events: [{ name: 'retried', at: expect.closeTo(1_700_000_000_002, 2), attributes: { attempt: 2 } }],
        links: [{ traceId: other.spanContext().traceId, spanId: other.spanContext().spanId }],
      }),
    ])
    expect(spans[0]).not.toHaveProperty('parentSpanId')
    const summary = (await listed()).find(({ id }) => id === traceId)
    expect(summary).toMatchObject({ name: 'POST /api/orders', spans: 2, errors: 1, milliseconds: 10.25 })
  })

  test('logs come with their trace, and a metric with its latest value', async () => {
    const app = sender(form, { gzip })
    const span = app.tracer.startSpan('work')
    app.logger.emit({
      body: 'Order 7 is pending',
      severityNumber: 9,
      attributes: { order: 7 },
      context: trace.setSpan(ROOT_CONTEXT, span),
    })
    span.end()
    const made = app.meter.createCounter(`made.${form}.${gzip}`, { unit: '{order}' })
    made.add(2, { state: 'pending' })
    await app.flush()
    made.add(3, { state: 'pending' })
    app.meter.createHistogram(`seconds.${form}.${gzip}`).record(1.5)
    await app.flush()

    const { logs } = await get<Trace>(`/api/traces/${span.spanContext().traceId}`)
    expect(logs).toEqual([
      expect.objectContaining({
        body: 'Order 7 is pending',
        severity: 'INFO',
        spanId: span.spanContext().spanId,
        attributes: { order: 7 },
      }),
    ])
    const { metrics } = await get<{ metrics: { name: string }[] }>('/api/metrics')
    const named = (name: string) => metrics.filter((metric) => metric.name === `${name}.${form}.${gzip}`)
    expect(named('made')).toEqual([
      expect.objectContaining({ value: 5, unit: '{order}', attributes: { state: 'pending' } }),
    ])
    expect(named('seconds')).toEqual([expect.objectContaining({ value: 1.5, count: 1 })])
  })
})

test('a trace has its request units, and what it would cost', async () => {
  const app = sender('json')
  const id = sendOrder(app)
  await app.flush()
  const { cost } = await get<{
    cost: { requestUnits: number; executions: number; gigabyteSeconds: number; total: number }
  }>(`/api/traces/${id}`)
  expect(cost).toMatchObject({ requestUnits: 16.5, executions: 2, gigabyteSeconds: 4 })
  // 16.5 RU at 0.25 a million, 4 GB-s at 0.000026, 2 executions at 0.40 a million (docs/azure.md).
  expect(cost.total).toBeCloseTo(16.5 * 0.25e-6 + 4 * 0.000026 + 2 * 0.4e-6, 10)
})

/** A request as any program can make it. */
function raw(
  path: string,
  { method = 'POST', headers = {}, body }: { method?: string; headers?: object; body?: string | Buffer },
) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string; bytes: Buffer }>(
    (resolve, reject) => {
      const sent = httpRequest(
        { port: console.port, host: '127.0.0.1', path, method, headers: { ...headers } },
        async (answer) => {
          const bytes = await buffer(answer)
          const { statusCode: status = 0, headers } = answer
          resolve({ status, headers, body: bytes.toString(), bytes })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    },
  )
}
const json = { 'content-type': 'application/json' }
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', name: 'stray' }
const request = (...spans: object[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })

test.each([
  ['no JSON', { headers: json, body: '{' }, 400],
  ['another shape', { headers: json, body: '{"resourceSpans": 7}' }, 400],
  ['an id of zeros', { headers: json, body: request(span, { ...span, traceId: '0'.repeat(32) }) }, 400],
  ['an id too short', { headers: json, body: request(span, { ...span, spanId: 'b7ad' }) }, 400],
  [
    'no protobuf',
    { headers: { 'content-type': 'application/x-protobuf' }, body: Buffer.from([10, 255, 255]) },
    400,
  ],
  ['text', { headers: { 'content-type': 'text/plain' }, body: request(span) }, 415],
  [
    'not what it is said to be packed with',
    { headers: { ...json, 'content-encoding': 'gzip' }, body: request(span) },
    400,
  ],
  ['packed otherwise', { headers: { ...json, 'content-encoding': 'br' }, body: request(span) }, 415],
  ['too large', { headers: json, body: request(span).padEnd(5 * 1024 * 1024) }, 413],
  [
    'too large once unpacked',
    {
      headers: { ...json, 'content-encoding': 'gzip' },
      body: gzipSync(request(span).padEnd(20 * 1024 * 1024)),
    },
    413,
  ],
])('%s is refused, and nothing of it is kept', async (_, sent, status) => {
  const answer = await raw('/v1/traces', sent)
  expect(answer.status).toBe(status)
  if (sent.headers['content-type'] !== 'application/x-protobuf')
    expect(JSON.parse(answer.body)).toMatchObject({ status })
  expect((await listed()).map(({ id }) => id)).not.toContain(span.traceId)
})

test.each([
  ['a page of another site', { origin: 'http://example.com' }],
  ['a page of the store', { origin: 'http://localhost:4280' }],
  ['a page without an origin', { origin: 'null' }],
  ['a name that points here', { host: 'rebound.example.com' }],
  ['another port', { host: 'localhost:1' }],
  ['a frame or picture of another site', { 'sec-fetch-site': 'cross-site' }],
])('%s can neither send nor read', async (_, headers) => {
  const sent = await raw('/v1/traces', { headers: { ...json, ...headers }, body: request(span) })
  const read = await raw('/api/traces', { method: 'GET', headers })
  expect([sent.status, read.status]).toEqual([403, 403])
  expect(read.body).not.toContain('traces')
  expect((await listed()).map(({ id }) => id)).not.toContain(span.traceId)
})

test.each([
  ['/', {}, 404],
  ['//', {}, 404],
  ['//x/api/traces', {}, 404],
  ['//x/api/traces', { 'sec-fetch-site': 'cross-site' }, 404],
  ['http://localhost/api/traces', {}, 404],
  ['/api/traces/%', {}, 400],
  ['/api/traces?limit=-1', {}, 400],
  ['/api/traces?of=none', {}, 400],
])('GET %s with %o is answered with %i', async (path, headers, status) => {
  const answer = await raw(path, { method: 'GET', headers })
  expect(answer.status).toBe(status)
  expect(answer.body).not.toContain('"traces"')
})

test('a metric that is no number, one told in differences, and one in exponential buckets are taken', async () => {
  for (const form of ['json', 'protobuf'] as const) {
    const app = sender(form, {
      temporalityPreference: AggregationTemporalityPreference.DELTA,
      views: [
        {
          instrumentName: 'exponential',
          aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
        },
      ],
      service: `metrics as ${form}`,
    })
    app.meter.createGauge('no number').record(Number.NaN)
    const counter = app.meter.createCounter('differences')
    const histogram = app.meter.createHistogram('exponential')
    for (const value of [2, 3]) {
      counter.add(value)
      histogram.record(value)
      await app.flush()
    }
    const { metrics } = await get<{ metrics: MetricPoint[] }>('/api/metrics')
    const own = metrics.filter(({ service }) => service === `metrics as ${form}`)
    expect(own.map(({ name, kind, value, count }) => [name, kind, value, count])).toEqual([
      ['differences', 'sum', 5, undefined],
      ['exponential', 'distribution', 5, 2],
      ['no number', 'gauge', null, undefined],
    ])
  }
})

/** Just more than one trace may have. */
const tooMany = () =>
  Array.from({ length: 2_001 }, (_, n) => ({
    ...span,
    traceId: 'c'.repeat(32),
    spanId: String(n + 1).padStart(16, '0'),
  }))

test('who sends more than is kept is told how much was not', async () => {
  const answer = await raw('/v1/traces', { headers: json, body: request(...tooMany()) })
  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.body)).toMatchObject({ partialSuccess: { rejectedSpans: '1' } })
})

// OpenTelemetry's exporters write to this log what they read in an answer.
test('an exporter reads from the answer that not all was kept', async () => {
  const said: string[] = []
  const note = (...args: unknown[]) => void said.push(args.join(' '))
  diag.setLogger({ error: note, warn: note, info() {}, debug() {}, verbose() {} })
  try {
    for (const form of ['json', 'protobuf'] as const) {
      const app = sender(form)
      app.tracer.startSpan('large', { attributes: { large: Array(100).fill('x'.repeat(1_000)) } }).end()
      await app.flush()
      expect(said.splice(0).join()).toMatch(/Partial Success.*"errorMessage":"The console keeps/)
    }
  } finally {
    diag.disable()
  }
})

// "The response body for all HTTP 4xx and HTTP 5xx responses MUST be a protobuf-encoded Status message" (OTLP/HTTP).
test('what is refused in protobuf is refused in protobuf', async () => {
  const headers = { 'content-type': 'application/x-protobuf' }
  const answer = await raw('/v1/traces', { headers, body: Buffer.from([10, 255, 255]) })
  const { root } = protobuf.parse('syntax = "proto3"; message Status { int32 code = 1; string message = 2; }')
  const status = root.lookupType('Status').decode(answer.bytes) as unknown as { message: string }
  expect(status.message).toContain('This is no OTLP')
})

test('whoever comes while others send all that there is room for is told to come again', async () => {
  const complaints = vi.spyOn(globalThis.console, 'error')
  const held = Array.from({ length: 8 }, () => {
    const { port } = console
    const sent = httpRequest({ port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', headers: json })
    sent.on('error', () => {}).write('{')
    return sent
  })
  const send = () => raw('/v1/traces', { headers: json, body: '{}' })
  await vi.waitFor(
    async () => expect(await send()).toMatchObject({ status: 503, headers: { 'retry-after': '1' } }),
    10_000,
  )
  for (const sent of held) sent.destroy()
  await vi.waitFor(async () => expect(await send()).toMatchObject({ status: 200 }), 10_000)
  expect(complaints).not.toHaveBeenCalled()
  complaints.mockRestore()
})

test('a time that no clock can show is one that it can', async () => {
  const traceId = 'd'.repeat(32)
  const times = { startTimeUnixNano: 1e300, endTimeUnixNano: '-5' }
  await raw('/v1/traces', { headers: json, body: request({ ...span, traceId, ...times }) })
  const [read] = (await get<Trace>(`/api/traces/${traceId}`)).spans
  for (const at of [read?.begin, read?.end])
    expect(new Date(at ?? Number.NaN).toISOString()).toMatch(/^\+?\d/)
})

test('JSON with null where there is nothing is taken', async () => {
  const traceId = 'e'.repeat(32)
  const empty = { parentSpanId: null, attributes: [{ key: 'none', value: null }], status: null, links: null }
  const sent = await raw('/v1/traces', { headers: json, body: request({ ...span, traceId, ...empty }) })
  expect(sent.status).toBe(200)
  expect((await get<Trace>(`/api/traces/${traceId}`)).spans).toMatchObject([{ attributes: { none: null } }])
})

// Each request has one text of 12 MB, of which 8 KB are kept: all of them together would be 144 MB.
test('what is cut off is not kept in memory', async () => {
  const program = fileURLToPath(new URL('../cli.ts', import.meta.url))
  const child = spawn(process.execPath, ['--max-old-space-size=100', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const url = /http:\S+/.exec(line.toString())?.[0] ?? ''
  for (let n = 0; n < 12; n++) {
    const traceId = String(n + 1).padStart(32, '0')
    const body = gzipSync(request({ ...span, traceId, name: `${n} ${'x'.repeat(12_000_000)}` }), { level: 1 })
    const headers = { ...json, 'content-encoding': 'gzip' }
    expect((await fetch(`${url}/v1/traces`, { method: 'POST', headers, body })).status).toBe(200)
  }
  const { traces } = (await (await fetch(`${url}/api/traces`)).json()) as { traces: unknown[] }
  expect(traces).toHaveLength(12)
})

test('a span that is sent again is there once, and the last five hundred traces are kept', async () => {
  const body = request(span)
  for (let n = 0; n < 2; n++) expect((await raw('/v1/traces', { headers: json, body })).body).toBe('{}')
  expect((await get<Trace>(`/api/traces/${span.traceId}`)).spans).toHaveLength(1)
  const many = Array.from({ length: 500 }, (_, n) => ({ ...span, traceId: String(n + 1).padStart(32, '0') }))
  await raw('/v1/traces', { headers: json, body: request(...many) })
  expect((await fetch(`${console.url}/api/traces/${span.traceId}`)).status).toBe(404)
  expect((await get<{ traces: unknown[] }>('/api/traces?limit=1000')).traces).toHaveLength(500)
})
