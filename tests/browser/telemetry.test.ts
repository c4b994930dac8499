/** What a page tells of itself, and what that costs whoever looks at it. */
import { BrowserTelemetry } from '@store/contract'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { partNames } from '../../local/cloud/programs.ts'
import { useBrowser } from '../harness/browser.ts'
import { ownCloud } from '../harness/cloud.ts'

// With the console, to which the app tells; the cloud that browser tests share has none.
const { urls } = await ownCloud({ parts: partNames.filter((name) => name !== 'openai') })
const { store, console: receiver } = urls
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
const eventually = <T>(what: () => T) => expect.poll(what, { timeout: 20_000 })

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

interface Span {
  name: string
  service: string
  spanId: string
  parentSpanId?: string
}

test("an order's trace begins with the click in the browser, and is whole", async () => {
  const page = await open(store)
  const placing = page.waitForRequest(
    (request) => request.method() === 'POST' && request.url().endsWith('/orders'),
  )
  await order(page)
  const [, traceId] = (await placing).headers().traceparent?.split('-') ?? []
  const trace = async () => {
    const answer = await fetch(`${receiver}/api/traces/${traceId}`)
    return answer.ok ? ((await answer.json()) as { spans: Span[] }).spans : []
  }
  await eventually(async () => (await trace()).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['click /cart', 'process orders']),
  )
  const spans = await trace()
  const [click, call, request] = ['click /cart', 'web-store', 'store'].map((who) =>
    spans.find(({ name, service }) => name === who || (service === who && name === 'POST /api/orders')),
  )
  expect(click?.service).toBe('web-store')
  expect(click?.parentSpanId).toBeUndefined()
  expect(call).toMatchObject({ name: 'POST /api/orders', parentSpanId: click?.spanId })
  expect(request).toMatchObject({ parentSpanId: call?.spanId })
  const known = new Set([undefined, ...spans.map(({ spanId }) => spanId)])
  expect(spans.filter(({ parentSpanId }) => !known.has(parentSpanId))).toEqual([])
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
