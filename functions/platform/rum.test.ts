import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { freshApp } from '../../tests/freshApp.ts'
import { invoke } from '../../tests/invoke.ts'

const recordBrowser = vi.hoisted(() => vi.fn())
vi.mock('./telemetry/start.ts', () => ({ recordBrowser }))
beforeEach(() => {
  vi.clearAllMocks()
  vi.unstubAllEnvs()
})

const vitalOf = (page: string) => ({
  name: 'CLS',
  value: 0,
  delta: 0,
  id: 'v6-1800000000000-1234567890123',
  rating: 'good',
  page,
})

const told = {
  app: 'web-store',
  sentAt: 1_800_000_000_000,
  spans: [],
  vitals: [vitalOf('/')],
}

/** A fresh process with these settings. */
async function app(env: Record<string, string> = {}) {
  freshApp(env)
  const { recordPage } = await import('./rum.functions.ts')
  const { open } = await import('./http.ts')
  return {
    tell: (body: unknown, headers: Record<string, string> = {}) =>
      invoke(recordPage, 'POST', { body, headers }),
    answer: () =>
      invoke(
        open(async () => ({ jsonBody: {} })),
        'GET',
      ),
  }
}

test('what a page tells is handed on as it is', async () => {
  const { tell } = await app()
  const { status, headers } = await tell(told)
  expect([status, headers.get('traceparent')]).toEqual([204, null])
  expect(recordBrowser).toHaveBeenCalledExactlyOnceWith(told)
})

test.each(['/', '/order/:orderId', '/products/new', '/:path'])('the page %s is taken', async (page) => {
  const { tell } = await app()
  expect((await tell({ ...told, vitals: [vitalOf(page)] })).status).toBe(204)
})

test.each([
  ['an address', { vitals: [vitalOf('/order/0193577c-0000')] }],
  ['a query', { vitals: [vitalOf('/?search=ann')] }],
  ['a name for an id', { vitals: [{ ...vitalOf('/'), id: 'ann@example.org' }] }],
  ['what is no number', { vitals: [{ ...vitalOf('/'), value: Number.NaN }] }],
  ['more than is asked for', { customerId: 'ann' }],
  ['too much', { vitals: Array(21).fill(told.vitals[0]) }],
])('%s is refused, and nothing recorded', async (_, more) => {
  const { tell } = await app()
  expect((await tell({ ...told, ...more })).status).toBe(400)
  expect(recordBrowser).not.toHaveBeenCalled()
})

test('pages of another site tell nothing', async () => {
  const { tell } = await app()
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://other.example' }
  expect((await tell(told, headers)).status).toBe(403)
  expect(recordBrowser).not.toHaveBeenCalled()
})

test('a script gone wild is stopped, others are not', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  onTestFinished(() => clock.mockRestore())
  const { tell } = await app()
  const statuses = []
  for (let n = 0; n < 100; n++) statuses.push((await tell(told, { 'x-forwarded-for': '10.0.0.1' })).status)
  expect(statuses.filter((status) => status === 204)).toHaveLength(60)
  expect(statuses.at(-1)).toBe(429)
  expect((await tell(told, { 'x-forwarded-for': '10.0.0.2' })).status).toBe(204)
})

test('what is no report counts too, and is not even read any more', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  onTestFinished(() => clock.mockRestore())
  const { tell } = await app()
  const headers = { 'x-forwarded-for': '10.0.0.1' }
  const statuses = []
  for (let n = 0; n < 61; n++) statuses.push((await tell({ nonsense: n }, headers)).status)
  expect(statuses).toEqual([...Array(60).fill(400), 429])
  expect((await tell('x'.repeat(20_000), headers)).status).toBe(429)
})

test('spans are bounded, and not the reports alone that they come in', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  onTestFinished(() => clock.mockRestore())
  const { tell } = await app()
  const span = {
    type: 'load',
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    page: '/',
    start: 0,
    duration: 1,
  }
  const full = { ...told, spans: Array(40).fill(span), vitals: Array(20).fill(vitalOf('/')) }
  for (let n = 0; n < 20; n++) await tell(full, { 'x-forwarded-for': '10.0.0.1' })
  expect(recordBrowser).toHaveBeenCalledTimes(10)
  // And of all callers together, whose addresses anyone can make up.
  for (let n = 0; n < 200; n++) await tell(full, { 'x-forwarded-for': `10.0.1.${n}` })
  expect(recordBrowser).toHaveBeenCalledTimes(100)
})

test('more than a report is allowed to be is refused', async () => {
  const { tell } = await app()
  expect((await tell({ ...told, more: 'x'.repeat(17_000) })).status).toBe(413)
  expect((await tell(told, { 'content-type': 'text/plain' })).status).toBe(415)
  expect(recordBrowser).not.toHaveBeenCalled()
})

const exporting = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

test.each([
  ['not, where nothing is exported', {}, false],
  ['where telemetry is exported', exporting, true],
  ['not, where a setting says so', { ...exporting, BROWSER_TELEMETRY: 'false' }, false],
])('pages are asked to tell of themselves %s', async (_, env, asked) => {
  const { answer } = await app(env)
  const timing = (await answer()).headers.get('server-timing') ?? ''
  expect(/^traceparent;desc="00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]"$/.test(timing)).toBe(asked)
})

test('a setting that is neither on nor off stops the app', async () => {
  await expect(
    app({ ...exporting, BROWSER_TELEMETRY: 'maybe' }).then(({ answer }) => answer()),
  ).rejects.toThrow('BROWSER_TELEMETRY: is neither "true" nor "false"')
})
