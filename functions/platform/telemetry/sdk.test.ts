import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Attributes, ROOT_CONTEXT, TraceFlags } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as metricExport from './metricExport.ts'
import type { Exporters } from './sdk.ts'
import { startSdk } from './sdk.ts'
import type { TelemetrySettings } from './settings.ts'

const settings: TelemetrySettings = {
  otlp: { protocol: 'http/json', signals: ['traces', 'metrics', 'logs'] },
  azureMonitor: null,
  sampling: { share: 1 },
  followsParent: true,
  sendDelay: 10,
  metricInterval: 3_600_000,
  hostExports: false,
  browser: false,
}

/** Starts the SDK with an exporter of spans of the test's own. `counted` is what it counted of them, by how it ended. */
function start(exportSpans: Exporters['spans']['export'], onTrouble = (_message: string) => {}) {
  const silent = {
    export: (_: unknown, done: (result: { code: ExportResultCode }) => void) =>
      done({ code: ExportResultCode.SUCCESS }),
    shutdown: async () => {},
    forceFlush: async () => {},
  }
  const load = vi.fn(
    async () =>
      ({ spans: { ...silent, export: exportSpans }, logs: silent, metrics: silent }) as unknown as Exporters,
  )
  const counted: Record<string, number> = {}
  const none = async (): Promise<never> => Promise.reject(new Error('not asked for'))
  const sdk = startSdk(
    settings,
    { 'service.name': 'test' },
    { otlp: load, azureMonitor: none, metricExport: async () => metricExport },
    {
      since: 0,
      collect: async () => [],
      spans: (attributes: Attributes = {}, by = 0) => {
        const how = String(attributes['error.type'] ?? 'sent')
        counted[how] = (counted[how] ?? 0) + by
      },
      logs: () => {},
    },
    onTrouble,
  )
  const record = (count: number) => {
    const tracer = sdk.tracerProvider.getTracer('test')
    for (let n = 0; n < count; n++) tracer.startSpan(`span ${n}`, {}, ROOT_CONTEXT).end()
  }
  return { sdk, load, record, counted }
}

test('the exporter is loaded for the first span that is to be sent, and what came before it is not lost', async () => {
  const names: string[] = []
  const { sdk, load, record } = start((spans, done) => {
    names.push(...spans.map(({ name }) => name))
    done({ code: ExportResultCode.SUCCESS })
  })
  expect(load).not.toHaveBeenCalled()
  record(3)
  await vi.waitFor(() => expect(names).toEqual(['span 0', 'span 1', 'span 2']))
  expect(load).toHaveBeenCalledOnce()
  await sdk.stop()
})

test('a collector that never answers costs the memory of so many spans and no more, and a few seconds at the end', async () => {
  vi.useFakeTimers()
  let taken = 0
  const { sdk, record } = start((spans) => {
    taken += spans.length
  })
  record(20_000)
  const stopped = sdk.stop()
  await vi.advanceTimersByTimeAsync(3_000)
  await stopped
  vi.useRealTimers()
  expect(taken).toBeGreaterThan(10_000)
  expect(taken).toBeLessThanOrEqual(16_384 + 512)
})

test('why nothing can be sent is told once, however often it happens', async () => {
  const told: string[] = []
  let failures = 0
  const { sdk, record } = start(
    (_spans, done) => {
      failures++
      done({ code: ExportResultCode.FAILED, error: new Error('ECONNREFUSED') })
    },
    (message) => told.push(message),
  )
  record(1)
  await vi.waitFor(() => expect(failures).toBe(1))
  record(1)
  await vi.waitFor(() => expect(failures).toBe(2))
  expect(told).toEqual(['ECONNREFUSED'])
  await sdk.stop()
})

// The content type of the specification of OTLP over HTTP; a body in JSON would begin with a brace.
test('protobuf is sent where the settings ask for it', async () => {
  const received: { url: string | undefined; type: string | undefined; first: number | undefined }[] = []
  const collector = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    received.push({
      url: request.url,
      type: request.headers['content-type'],
      first: Buffer.concat(chunks)[0],
    })
    response.writeHead(200).end()
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`)
  const { exporters } = await import('./otlpProtobuf.ts')
  const { spans } = exporters()
  const { sdk, record } = start((items, done) => spans.export(items, done))
  record(1)
  // Field 1, length-delimited: `resource_spans` of ExportTraceServiceRequest.
  await vi.waitFor(() =>
    expect(received).toEqual([{ url: '/v1/traces', type: 'application/x-protobuf', first: 0x0a }]),
  )
  await sdk.stop()
  collector.close().closeAllConnections()
})

/** A collector that counts what comes, and takes its time over it, with the exporter for it. */
async function startCollector(delay: number) {
  const ids: string[] = []
  const batches: number[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
      resourceSpans: { scopeSpans: { spans: { spanId: string }[] }[] }[]
    }
    const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    batches.push(spans.length)
    ids.push(...spans.map(({ spanId }) => spanId))
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'), delay)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    server.close().closeAllConnections()
  })
  const { exporters } = await import('./otlpJson.ts')
  const { spans } = exporters()
  return { ids, batches, send: spans.export.bind(spans) as Exporters['spans']['export'] }
}

// An order is some eight spans. The whole app with such a collector: tests/integration/telemetry.test.ts.
test('of a thousand orders, twenty at a time, a slow collector gets every span once, in batches', async () => {
  const { ids, batches, send } = await startCollector(40)
  const { sdk, record, counted } = start(send)
  let left = 1_000
  const customers = Array.from({ length: 20 }, async () => {
    while (left-- > 0) {
      record(8)
      await new Promise(setImmediate)
    }
  })
  await Promise.all(customers)
  await sdk.stop()
  expect([ids.length, new Set(ids).size]).toEqual([8_000, 8_000])
  expect(Math.max(...batches)).toBeLessThanOrEqual(512)
  expect(counted).toEqual({ sent: 8_000 })
})

test('what waits when the process ends is sent whole, however much it is', async () => {
  const { ids, send } = await startCollector(0)
  const { sdk, record } = start(send)
  record(16_384)
  await sdk.stop()
  expect(new Set(ids).size).toBe(16_384)
})

test('a batch that is refused as the process ends keeps no other from being sent', async () => {
  let batches = 0
  let sent = 0
  const { sdk, record } = start((spans, done) => {
    if (batches++ === 1) return done({ code: ExportResultCode.FAILED, error: new Error('refused') })
    setTimeout(() => {
      sent += spans.length
      done({ code: ExportResultCode.SUCCESS })
    }, 30)
  })
  record(5_120)
  await sdk.stop()
  expect(sent).toBe(4_608)
})

test('what was lost is counted: dropped by a full queue, or refused by the collector', async () => {
  const { sdk, record, counted } = start((_spans, done) =>
    setImmediate(done, { code: ExportResultCode.FAILED, error: new Error('refused') }),
  )
  record(20_000)
  await sdk.stop()
  await vi.waitFor(() => {
    const { queue_full: dropped = 0, Error: refused = 0 } = counted
    expect([dropped > 0, dropped + refused]).toEqual([true, 20_000])
  })
})

// The republisher sends up to a hundred messages at once, each made in a trace of its own.
test('a span that a hundred others come from is linked to each of them', async () => {
  const linked: number[] = []
  const { sdk } = start((spans, done) => {
    linked.push(...spans.map(({ links }) => links.length))
    done({ code: ExportResultCode.SUCCESS })
  })
  const links = Array.from({ length: 100 }, (_, n) => ({
    context: {
      traceId: String(n + 1).padStart(32, '0'),
      spanId: String(n + 1).padStart(16, '0'),
      traceFlags: TraceFlags.SAMPLED,
    },
  }))
  sdk.tracerProvider.getTracer('test').startSpan('send orders', { links }, ROOT_CONTEXT).end()
  await sdk.stop()
  expect(linked).toEqual([100])
})

test('of two signals that are exported, the third is not', async () => {
  const exported: string[] = []
  const exporter = (name: string) => ({
    export: (_: unknown, done: (result: { code: ExportResultCode }) => void) => {
      exported.push(name)
      done({ code: ExportResultCode.SUCCESS })
    },
    shutdown: async () => {},
    forceFlush: async () => {},
  })
  const load = async () =>
    ({
      spans: exporter('spans'),
      logs: exporter('logs'),
      metrics: exporter('metrics'),
    }) as unknown as Exporters
  const sdk = startSdk(
    { ...settings, otlp: { protocol: 'http/json', signals: ['traces', 'metrics'] } },
    { 'service.name': 'test' },
    { otlp: load, azureMonitor: load, metricExport: async () => metricExport },
    { since: 0, collect: async () => [], spans: () => {}, logs: () => {} },
    () => {},
  )
  sdk.tracerProvider.getTracer('test').startSpan('a span', {}, ROOT_CONTEXT).end()
  sdk.log({ body: 'a line', context: ROOT_CONTEXT })
  await sdk.stop()
  expect(exported.sort()).toEqual(['metrics', 'spans'])
})
