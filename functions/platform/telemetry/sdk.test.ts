import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ROOT_CONTEXT } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import { expect, test, vi } from 'vitest'
import * as metricExport from './metricExport.ts'
import type { Exporters } from './sdk.ts'
import { startSdk } from './sdk.ts'
import type { TelemetrySettings } from './settings.ts'

const settings: TelemetrySettings = {
  otlp: { protocol: 'http/json' },
  azureMonitor: null,
  sampling: { share: 1 },
  followsParent: true,
  sendDelay: 10,
  metricInterval: 3_600_000,
  hostExports: false,
  browser: false,
}

/** Starts the SDK with an exporter of spans of the test's own. */
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
  const none = async (): Promise<never> => Promise.reject(new Error('not asked for'))
  const sdk = startSdk(
    settings,
    { 'service.name': 'test' },
    { otlp: load, azureMonitor: none, metricExport: async () => metricExport },
    { since: 0, collect: async () => [] },
    onTrouble,
  )
  const record = (count: number) => {
    const tracer = sdk.tracerProvider.getTracer('test')
    for (let n = 0; n < count; n++) tracer.startSpan(`span ${n}`, {}, ROOT_CONTEXT).end()
  }
  return { sdk, load, record }
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
