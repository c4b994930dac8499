import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { invoke } from '../../tests/invoke.ts'

const recordBrowser = vi.hoisted(() => vi.fn())
vi.mock('./telemetry/start.ts', () => ({ recordBrowser }))
beforeEach(() => {
  vi.clearAllMocks()
  vi.unstubAllEnvs()
})

const told = {
  app: 'web-store',
  sentAt: 1_800_000_000_000,
  spans: [],
  vitals: [{ name: 'CLS', value: 0, page: '/' }],
}

/** A fresh process with these settings. */
async function app(env: Record<string, string> = {}) {
  vi.resetModules()
  const settings = {
    AUTH: 'swa',
    CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
    ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    ...env,
  }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
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
  expect((await tell({ ...told, vitals: [{ name: 'CLS', value: 0, page }] })).status).toBe(204)
})

test.each([
  ['an address', { vitals: [{ name: 'CLS', value: 0, page: '/order/0193577c-0000' }] }],
  ['a query', { vitals: [{ name: 'CLS', value: 0, page: '/?search=ann' }] }],
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
