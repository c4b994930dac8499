/** What a page tells of itself, and what that costs whoever looks at it. */
import { randomUUID } from 'node:crypto'
import { BrowserTelemetry } from '@store/contract'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { partNames } from '../../local/cloud/programs.ts'
import { useBrowser } from '../harness/browser.ts'
import { ownCloud } from '../harness/cloud.ts'
import { startIngestion } from '../harness/ingestion.ts'
import { startOtlpReceiver } from '../harness/otlpReceiver.ts'

// The app tells a plain receiver by OTLP in protobuf, as it would tell a collector in AKS, and what stands in for the
// ingestion of Application Insights, as in Azure. The receiver passes it on to the console.
const receiver = await startOtlpReceiver()
const ingestion = await startIngestion()
afterAll(() => Promise.all([receiver.close(), ingestion.close()]))
const { urls } = await ownCloud({
  parts: partNames.filter((name) => name !== 'openai'),
  settings: {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${randomUUID()};IngestionEndpoint=${ingestion.url}`,
    NODE_EXTRA_CA_CERTS: ingestion.certificate,
  },
})
receiver.onward = urls.console
const { store } = urls
const open = useBrowser()

/** Keeps what a page tells from the API, as it is sent. */
async function intercept(page: Page): Promise<BrowserTelemetry[]> {
  const told: BrowserTelemetry[] = []
  await page.route('**/api/rum', async (route) => {
    told.push(BrowserTelemetry.parse(JSON.parse(route.request().postData() ?? '')))
    await route.fulfill({ status: 204 })
  })
  return told
}

/** What is told of waits for more, some seconds. */
const eventually = <T>(what: () => T) => expect.poll(what, { timeout: 45_000 })

async function order(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Add to Cart' }).first().click()
  await page.getByRole('link', { name: 'Cart (1)' }).click()
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.getByText('Order submitted successfully').waitFor()
  return page.url().split('/').at(-1) ?? ''
}

/** As a phone does when its owner turns to something else. */
const hide = (page: Page) =>
  page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  `)

test('a page tells of its load, its vitals and the click that placed an order, and of no one', async () => {
  const page = await open(`${store}/orders`, { withoutServiceWorker: true })
  const told = await intercept(page)
  const spans = () => told.flatMap(({ spans }) => spans)
  await page.goto(`${store}/?search=ann`)
  await eventually(spans).toContainEqual(expect.objectContaining({ type: 'load', page: '/' }))
  await page.getByRole('searchbox').fill('')

  const placing = page.waitForRequest(
    (request) => request.method() === 'POST' && request.url().endsWith('/orders'),
  )
  const orderId = await order(page)
  const carried = (await placing).headers().traceparent
  await eventually(spans).toContainEqual(expect.objectContaining({ route: '/api/orders', status: 201 }))
  const click = spans().find(({ type }) => type === 'click')
  const call = spans().find(({ type }) => type === 'call')
  expect(click).toMatchObject({ page: '/cart' })
  expect(call).toMatchObject({ method: 'POST', traceId: click?.traceId, parentId: click?.spanId })
  expect(carried).toBe(`00-${call?.traceId}-${call?.spanId}-01`)

  await hide(page)
  const vitals = () => told.flatMap(({ vitals }) => vitals.map(({ name }) => name))
  await eventually(vitals).toEqual(expect.arrayContaining(['LCP', 'CLS', 'FCP', 'TTFB']))
  const customer = String(await page.evaluate(`localStorage.getItem('customer')`))
  expect(customer).toMatch(/web-/)
  for (const secret of [orderId, 'ann', JSON.parse(customer), 'Mozilla'])
    expect(JSON.stringify(told)).not.toContain(secret)
})

/** What a change carries that a page asks for next: the ids of its trace and of its call. */
async function carriedBy(page: Page, method: string, act: () => Promise<unknown>): Promise<string[]> {
  const asking = page.waitForRequest((request) => request.method() === method)
  await act()
  return (await asking).headers().traceparent?.split('-').slice(1, 3) ?? []
}

/** A span as each destination has it. */
interface Told {
  id: string
  parent: string | undefined
  name: string
  /** What it is called there: a kind of span, or a type of telemetry item. */
  kind: string
  service: string
  links: string[]
}

const kinds = ['', 'internal', 'server', 'client', 'producer', 'consumer']

/** A trace as a plain receiver, the console and Application Insights have it. */
const destinations: Record<string, (traceId: string) => Promise<Told[]>> = {
  'a plain receiver of OTLP': async (traceId) =>
    receiver.spans
      .filter((span) => span.traceId === traceId)
      .map(({ spanId, parentSpanId, name, kind, service, links }) => ({
        id: spanId,
        parent: parentSpanId || undefined,
        name,
        kind: kinds[kind] ?? '',
        service,
        links: links.map((link) => link.spanId),
      })),
  'the console': async (traceId) => {
    const answer = await fetch(`${urls.console}/api/traces/${traceId}`)
    if (!answer.ok) return []
    const { spans } = (await answer.json()) as {
      spans: (Omit<Told, 'id' | 'links'> & {
        spanId: string
        parentSpanId?: string
        links: { spanId: string }[]
      })[]
    }
    return spans.map(({ spanId, parentSpanId, name, kind, service, links }) => ({
      id: spanId,
      parent: parentSpanId,
      name,
      kind,
      service,
      links: links.map((link) => link.spanId),
    }))
  },
  'Application Insights': async (traceId) =>
    ingestion.envelopes
      .filter(({ tags, data }) => tags['ai.operation.id'] === traceId && data.baseData.id)
      .map(({ tags, data: { baseType, baseData } }) => ({
        id: baseData.id,
        parent: tags['ai.operation.parentId'],
        name: baseData.name,
        kind: baseType,
        service: tags['ai.cloud.role'] ?? '',
        links: JSON.parse(baseData.properties['_MS.links'] ?? '[]').map(({ id }: { id: string }) => id),
      })),
}

/** A trace, line by line: service, kind, name, and what it is a step of. What is read before the order is left out. */
function lines(spans: Told[]): string[] {
  const nameOf = (id: string | undefined) => spans.find((span) => span.id === id)?.name ?? id
  return spans
    .filter(({ name }) => !/ (products|secrets)$/.test(name))
    .map(({ service, kind, name, parent }) => `${service}, ${kind}: ${name} < ${nameOf(parent) ?? ''}`)
    .sort()
}

test('an order that is placed in a browser and completed in the admin is one trace, wherever it is told', async () => {
  const customer = await open(store)
  let orderId = ''
  const [traceId = '', callId = ''] = await carriedBy(customer, 'POST', async () => {
    orderId = await order(customer)
  })
  await eventually(() =>
    receiver.spans.some((span) => span.traceId === traceId && span.name === 'order pending'),
  ).toBe(true)
  const employee = await open(`${urls.admin}/order/${orderId}`, { roles: ['admin'] })
  const [completingId = ''] = await carriedBy(employee, 'PUT', () =>
    employee.getByRole('button', { name: 'Complete Order' }).click(),
  )

  const trace = (of: (kind: string) => string) =>
    [
      `web-store, ${of('internal')}: click /cart < `,
      `web-store, ${of('client')}: POST /api/orders < click /cart`,
      `store, ${of('server')}: POST /api/orders < POST /api/orders`,
      `store, ${of('client')}: create_item orders < POST /api/orders`,
      `store, ${of('producer')}: send orders < POST /api/orders`,
      `store, ${of('consumer')}: process orders < send orders`,
      `store, ${of('internal')}: order pending < process orders`,
      `store, ${of('client')}: patch_item orders < order pending`,
      `store, ${of('internal')}: order complete < POST /api/orders`,
      `store, ${of('client')}: patch_item orders < order complete`,
    ].sort()
  // Application Insights tells what was asked of the app from what the app did: RequestData, RemoteDependencyData.
  const itemOf = (kind: string) => (/server|consumer/.test(kind) ? 'RequestData' : 'RemoteDependencyData')
  for (const [where, read] of Object.entries(destinations)) {
    const kindOf = where === 'Application Insights' ? itemOf : (kind: string) => kind
    await eventually(async () => lines(await read(traceId))).toEqual(trace(kindOf))
    await eventually(async () => lines(await read(completingId))).toEqual(
      [
        `web-admin, ${kindOf('internal')}: click /order/:orderId < `,
        `web-admin, ${kindOf('client')}: PUT /api/makeline/order < click /order/:orderId`,
        `store, ${kindOf('server')}: PUT /api/makeline/order < PUT /api/makeline/order`,
      ].sort(),
    )
    const spans = await read(traceId)
    const asked = await read(completingId)
    const named = (name: string, service = 'store') =>
      [...spans, ...asked].find((span) => span.name === name && span.service === service)
    // The call in the browser is the one that carried its ids; the price came from the catalogue.
    expect(named('POST /api/orders', 'web-store')?.id, where).toBe(callId)
    expect(spans.filter(({ name }) => / products$/.test(name)).length, where).toBeGreaterThan(0)
    // The message is linked to its sending, and the completion and the employee's request to one another.
    expect(named('process orders')?.links, where).toEqual([named('send orders')?.id])
    expect(named('order complete')?.links, where).toEqual([named('PUT /api/makeline/order')?.id])
    expect(named('PUT /api/makeline/order')?.links, where).toEqual([named('POST /api/orders')?.id])
  }
  // No other trace tells of it.
  const others = receiver.spans.filter(
    ({ attributes, traceId: id }) =>
      id !== traceId && [attributes['store.order.id'], attributes['messaging.message.id']].includes(orderId),
  )
  expect(others).toEqual([])
})

test('a call that failed is told of, by its route', async () => {
  const page = await open(`${store}/orders`, { withoutServiceWorker: true, expected: /404/ })
  const told = await intercept(page)
  await page.goto(`${store}/order/ann-s-birthday`)
  await eventually(() => told.flatMap(({ spans }) => spans)).toContainEqual(
    expect.objectContaining({ page: '/order/:id', route: '/api/orders/{}', method: 'GET', status: 404 }),
  )
  expect(JSON.stringify(told)).not.toContain('ann')
})

test('nothing is sent, and no code for it fetched, where the API does not ask for it', async () => {
  const page = await open(`${store}/robots.txt`, { withoutServiceWorker: true })
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.route('**/api/**', async (route) => {
    const response = await route.fetch()
    const { 'server-timing': timing, ...headers } = response.headers()
    expect(timing).toContain('traceparent')
    await route.fulfill({ response, headers })
  })
  await page.goto(store, { waitUntil: 'networkidle' })
  await order(page)
  await hide(page)
  await page.goto(`${store}/orders`, { waitUntil: 'networkidle' })
  expect(asked).toContain('/api/orders')
  expect(asked.filter((path) => /\/api\/rum$|\/assets\/report-/.test(path))).toEqual([])
})

test('nothing of it is fetched or sent before a page is loaded', async () => {
  const page = await open(`${store}/orders`, { withoutServiceWorker: true })
  const told = await intercept(page)
  await page.goto(store)
  await eventually(() => told.length).toBeGreaterThan(0)
  const [begun, loaded] = await page.evaluate<[number[], number]>(`[
    performance.getEntriesByType('resource')
      .filter(({ name }) => /api.rum$|assets.report-/.test(name)).map(({ startTime }) => startTime),
    performance.getEntriesByType('navigation')[0].loadEventEnd
  ]`)
  expect(begun.length).toBeGreaterThan(1)
  for (const begin of begun) expect(begin).toBeGreaterThanOrEqual(loaded)
})
