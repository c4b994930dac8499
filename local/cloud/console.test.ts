/** The console as a part of the local cloud. */
import { afterAll, expect, test } from 'vitest'
import { startSender } from '../console/tests/sender.ts'
import { type LocalCloud, startLocalCloud } from './cloud.ts'
import { choosePorts } from './ports.ts'
import { telemetrySettings } from './settings.ts'

let cloud: LocalCloud
afterAll(() => cloud?.stop())

test('the app is told to tell the console of itself', async () => {
  cloud = await startLocalCloud({ parts: ['console'] })
  const { OTEL_EXPORTER_OTLP_ENDPOINT: address = '' } = cloud.settings
  expect(address).toBe(`http://127.0.0.1:${cloud.ports.console}`)
  const app = startSender(address, 'protobuf')
  app.tracer.startSpan('hello').end()
  await app.flush()
  await app.stop()
  const { traces } = (await (await fetch(`${cloud.urls.console}/api/traces`)).json()) as { traces: unknown[] }
  expect(traces).toEqual([expect.objectContaining({ name: 'hello', services: ['store'] })])
})

test('a developer’s own collector, or interval, is not overruled', async () => {
  const ports = await choosePorts({})
  expect(telemetrySettings(ports, {}).OTEL_METRIC_EXPORT_INTERVAL).toBe('10000')
  const own = { OTEL_METRIC_EXPORT_INTERVAL: '60000' }
  expect(telemetrySettings(ports, own)).toMatchObject({
    ...own,
    OTEL_EXPORTER_OTLP_ENDPOINT: expect.stringContaining('127.0.0.1'),
  })
  expect(telemetrySettings(ports, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' })).toEqual({})
})
