/** The console of the local cloud: an order is seen to travel, and each fault is tried, with the right count at its end. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServiceBusClient } from '@azure/service-bus'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { partNames } from '../../local/cloud/programs.ts'
import type { Trace } from '../../local/console/telemetry.ts'
import { accessibilityFaults, tooWide, useBrowser } from '../harness/browser.ts'
import { ownCloud } from '../harness/cloud.ts'
import { storedOrders } from '../harness/inside.ts'

const openPage = useBrowser()
const pages: Page[] = []
const open = async (...given: Parameters<typeof openPage>) => {
  const page = await openPage(...given)
  pages.push(page)
  return page
}
// As a person closes a page: the window that the test takes away would not tell the console that it is left.
afterEach(() => Promise.all(pages.splice(0).map((page) => page.goto('about:blank'))))

let cloud: LocalCloud

beforeAll(async () => {
  // Locks that a killed host soon loses: a message that it held comes again after as long as they last.
  const folder = await mkdtemp(join(tmpdir(), 'console-'))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const config = await readFile(new URL('../../infra/service-bus.json', import.meta.url), 'utf8')
  const serviceBusConfig = join(folder, 'config.json')
  await writeFile(serviceBusConfig, config.replaceAll('"LockDuration": "PT1M"', '"LockDuration": "PT5S"'))
  cloud = await ownCloud({
    parts: partNames.filter((name) => name !== 'openai'),
    serviceBusConfig,
    settings: { OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_METRIC_EXPORT_INTERVAL: '500' },
  })
})

const show = (page: Page, view: string) => page.goto(`${cloud.urls.console}/#${view}`)
const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"] dd`)
/** Waits for the figures to be these. */
async function counts(page: Page, figures: Record<string, number>) {
  for (const [name, value] of Object.entries(figures))
    await expect
      .poll(() => figure(page, name).innerText(), { timeout: 45_000, message: name })
      .toBe(String(value))
}

test('an order placed in the store and completed in the admin is seen to travel, and its trace tells all of it', async () => {
  const console = await open(cloud.urls.console)
  await console.getByText('Nothing yet.').waitFor()
  await console.emulateMedia({ reducedMotion: 'no-preference' })
  const travels = console.locator('circle.traveller').first().waitFor()

  const store = await open(`${cloud.urls.store}/product/2`)
  await store.getByRole('button', { name: 'Add to Cart' }).click()
  await store.getByRole('link', { name: 'Cart (1)' }).click()
  await store.getByRole('button', { name: 'Checkout' }).click()
  await store.waitForURL(/\/order\/[\w-]+$/)
  const orderId = new URL(store.url()).pathname.split('/').pop() ?? ''
  const admin = await open(`${cloud.urls.admin}/order/${orderId}`, { roles: ['admin'] })
  await admin.getByRole('button', { name: 'Complete Order' }).click()
  await store.locator('main .badge', { hasText: 'Complete' }).waitFor()

  for (const way of [
    'store>functions',
    'functions>queue',
    'queue>makeline',
    'makeline>database',
    'admin>functions',
  ])
    await console.locator(`tr[data-way="${way}"]`).waitFor()
  await travels
  await console.emulateMedia({ reducedMotion: 'reduce' })
  await counts(console, { accepted: 1, made: 1, lost: 0, doubled: 0 })
  expect(await accessibilityFaults(console)).toEqual([])

  // Orders come first; whoever wants the loads of pages says so.
  await show(console, 'traces')
  await console.getByRole('link', { name: 'click /cart' }).waitFor()
  const pageLoads = console.getByRole('link', { name: /^page load/ })
  await console.getByRole('button', { name: /^All/ }).click()
  await pageLoads.first().waitFor()
  expect(await accessibilityFaults(console)).toEqual([])
  await console.getByRole('button', { name: /^Failed/ }).click()
  await console.getByText('Nothing has failed.').waitFor()
  await console.getByRole('button', { name: /^Orders/ }).click()
  await console.getByRole('link', { name: 'click /cart' }).waitFor()
  expect(await pageLoads.count()).toBe(0)
  await console.getByRole('link', { name: 'click /cart' }).click()
  const spans = console.getByRole('list', { name: 'Spans' })
  for (const name of [
    'create_item orders',
    'send orders',
    'process orders',
    'order pending',
    'order complete',
  ])
    await spans.getByRole('button', { name }).waitFor()
  await spans.getByRole('button', { name: 'order complete' }).click()
  await spans.getByText(orderId).waitFor()
  // The employee's own request is a trace of its own, which this one is linked to.
  await spans.getByRole('link').waitFor()
  await console.getByText(/per million/).waitFor()
  expect(await accessibilityFaults(console)).toEqual([])

  // The address alone shows it, too.
  const narrow = await open(cloud.urls.console, { viewport: 'phone' })
  await narrow.locator('tr[data-way]').first().waitFor()
  const other = await open(console.url(), { viewport: 'phone' })
  await other.getByRole('heading', { name: 'click /cart' }).waitFor()
  expect(await accessibilityFaults(other)).toEqual([])
})

test('queues, documents and functions are shown, and a timer runs when it is told to', async () => {
  const page = await open(`${cloud.urls.console}/#data`, { viewport: 'phone' })
  const [order] = await storedOrders(cloud.settings)
  await page.locator('summary', { hasText: order?.id ?? '' }).click()
  await page.getByText('"state": "complete"').waitFor()
  await page.getByLabel('Search').fill('no document has this')
  await page.getByLabel('Search').press('Enter')
  await page.getByText('0 documents').waitFor()
  expect(await page.getByRole('button', { name: 'secrets not shown' }).isDisabled()).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])

  await show(page, 'functions')
  await page.locator('[data-function="placeOrder"]').getByText('1', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Run republishOrders now' }).click()
  await page.getByText(/republishOrders has run, in \d/).waitFor()
  const runs = page.locator('[data-function="republishOrders"] td').nth(2)
  await expect.poll(() => runs.innerText(), { timeout: 15_000 }).toBe('1')
  expect(await accessibilityFaults(page)).toEqual([])

  // One order was placed, made and completed by now, and no model was called.
  await show(page, 'metrics')
  const metric = (words: string) => page.locator(`[data-metric="${words}"] dd`).first()
  for (const words of ['Placed', 'Made', 'Completed', 'Cold starts'])
    await expect.poll(() => metric(words).innerText(), { timeout: 15_000, message: words }).toBe('1')
  await expect.poll(() => metric('Messages waiting').innerText()).toBe('0')
  expect(await metric('Request units').innerText()).toMatch(/^[\d,.]+ RU$/)
  expect(await metric('Calls of models').innerText()).toBe('0')
  await page.getByLabel('Search').fill('db.operation.name: create_item')
  await page
    .getByRole('row', { name: /^db.client.operation.duration .* create_item/ })
    .first()
    .waitFor()
  expect(await accessibilityFaults(page)).toEqual([])

  await show(page, 'queues')
  await page.getByRole('button', { name: 'orders-failed' }).click()
  await page.getByRole('heading', { name: 'Dead letters of orders-failed' }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

test('no view has to be scrolled sideways, and each is reached by keyboard', async () => {
  const page = await open(cloud.urls.console, { viewport: 'phone' })
  await page.setViewportSize({ width: 320, height: 800 })
  for (const name of ['Traces', 'Queues', 'Data', 'Functions', 'Metrics', 'Picture', 'Faults']) {
    await page.getByRole('navigation').getByRole('link', { name }).press('Enter')
    await expect.poll(() => page.title()).toContain(name)
    // What a screen reader goes on with is the beginning of the view.
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main')
    await page.locator('main .card').first().waitFor()
    expect(await tooWide(page), name).toEqual([])
  }
  // Past the navigation, and not to another view.
  await page.getByRole('link', { name: 'Skip to content' }).press('Enter')
  await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('main')
  // The browser goes to #main first, and the page puts its own address back.
  await expect.poll(() => new URL(page.url()).hash).toBe('#faults')
  expect(await page.title()).toContain('Faults')
})

test('what a name or a message has of markup is shown and not obeyed', async () => {
  const markup = '<img src="/x" onerror="document.title=1"><script>document.title=1</script>'
  const bus = new ServiceBusClient(cloud.settings.ServiceBusConnection ?? '')
  await bus.createSender('orders-failed').sendMessages({ body: markup, messageId: markup.slice(0, 100) })
  await bus.close()
  const traceId = randomUUID().replaceAll('-', '')
  const attributes = [{ key: markup, value: { stringValue: markup } }]
  const spans = [
    { traceId, spanId: '1234567812345678', name: markup, attributes, status: { code: 2, message: markup } },
  ]
  const logRecords = [{ traceId, spanId: '1234567812345678', body: { stringValue: markup } }]
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: markup } }] }
  const send = (path: string, body: object) =>
    fetch(`${cloud.urls.console}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await send('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })
  await send('logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] })
  const metrics = [
    {
      name: markup.slice(0, 200),
      unit: markup.slice(0, 60),
      gauge: { dataPoints: [{ asDouble: 1, attributes }] },
    },
  ]
  await send('metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] })

  const page = await open(`${cloud.urls.console}/#traces`)
  await page.getByRole('button', { name: /^All/ }).click()
  await page.getByRole('link', { name: markup }).click()
  await page.getByRole('button', { name: markup }).click()
  await page.getByRole('list', { name: 'Log' }).getByText(markup).waitFor()
  await show(page, 'metrics')
  await page.getByLabel('Search').fill('onerror')
  await page
    .getByRole('cell', { name: markup.slice(0, 200) })
    .first()
    .waitFor()
  await show(page, 'queues')
  await page.getByRole('button', { name: 'orders-failed' }).click()
  await page.locator('summary', { hasText: 'onerror' }).click()
  await page.locator('pre', { hasText: markup }).waitFor()
  expect(await page.locator('img[src="/x"]').count()).toBe(0)
  expect(await page.title()).toContain('Queues')
})

/** Opens the faults, with all earlier orders forgotten. */
async function faultsPage() {
  const page = await open(`${cloud.urls.console}/#faults`, { expected: /409|503|ERR_(CONNECTION|EMPTY)/ })
  await page.getByRole('button', { name: 'Count from now' }).click()
  await counts(page, { accepted: 0 })
  return page
}
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
/** What must be at the end, by the page and by the documents: each order made, and made once. */
async function allMade(page: Page, orders: number) {
  await counts(page, {
    accepted: orders,
    made: orders,
    waiting: 0,
    untold: 0,
    deadLettered: 0,
    lost: 0,
    doubled: 0,
  })
  const documents = (await storedOrders(cloud.settings)).filter(({ customerId }) =>
    customerId.startsWith('console-'),
  )
  for (const { history } of documents)
    expect(history.filter(({ state }) => state === 'pending')).toHaveLength(1)
  await page
    .getByText(orders === 1 ? /The order is made/ : `All ${orders} orders are made: none lost, none doubled`)
    .waitFor()
}
/** What the console answers a program, which need not be seen to watch. */
const ask = async <T>(path: string) => (await (await fetch(cloud.urls.console + path)).json()) as T
const live = () => ask<{ faults: string[]; ways: Record<string, { passed: number }> }>('/api/live')

test('while the makeline is stopped orders wait in the queue, and are made when it is back', async () => {
  const page = await faultsPage()
  await press(page, 'Stop the makeline')
  await press(page, 'Place 10')
  await counts(page, { accepted: 10, made: 0, waiting: 10 })
  // The host dies as well: the makeline is stopped all the same when it is back.
  const pid = cloud.pids.host
  await press(page, 'Kill the host')
  await expect.poll(() => cloud.pids.host !== pid && cloud.pids.host, { timeout: 30_000 }).toBeTruthy()
  await press(page, 'Place an order')
  await counts(page, { accepted: 11, made: 0, waiting: 11 })
  await show(page, 'queues')
  await page.getByRole('row', { name: /^orders 11/ }).waitFor()
  await page.locator('details').first().waitFor()
  await show(page, 'faults')
  await press(page, 'Undo: Stop the makeline')
  await allMade(page, 11)
})

test('while the database is cut nobody is promised anything, and customers get their order once it is back', async () => {
  const page = await faultsPage()
  await press(page, 'Cut the database')
  await press(page, 'Place an order')
  // The app tries for a while before it gives an answer.
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByText(/They tried again/).waitFor()
  await counts(page, { accepted: 0 })
  await press(page, 'Undo all faults')
  await allMade(page, 1)
})

test('a throttled and a slow database lose nothing', async () => {
  const page = await faultsPage()
  await press(page, 'Throttle the database')
  await press(page, 'Place 10')
  await allMade(page, 10)
  const throttled = async () => {
    const { metrics } = await ask<{ metrics: { name: string; value: number }[] }>('/api/metrics')
    return metrics.some(({ name, value }) => name === 'store.cosmosdb.throttled_requests' && value > 0)
  }
  await expect.poll(throttled, { timeout: 15_000 }).toBe(true)
  await press(page, 'Undo: Throttle the database')
  await press(page, 'Slow the database')
  await press(page, 'Place an order')
  await allMade(page, 11)
  // Where the time went is seen in its trace: the fault is a second for each operation.
  const storing = async () => {
    const { traces } = await ask<{ traces: { id: string }[] }>('/api/traces?of=orders&limit=1')
    const { spans } = await ask<Trace>(`/api/traces/${traces[0]?.id}`)
    const { begin, end } = spans.find(({ name }) => name === 'create_item orders') ?? { begin: 0, end: 0 }
    return end - begin
  }
  await expect.poll(storing, { timeout: 15_000 }).toBeGreaterThan(1_000)
  await press(page, 'Undo all faults')
})

test('the page that is left takes its faults with it, and doubled messages make no order twice', async () => {
  const page = await faultsPage()
  await press(page, 'Double every message')
  const taken = async () => (await live()).ways['queue>makeline']?.passed ?? 0
  const before = await taken()
  await press(page, 'Place 10')
  await allMade(page, 10)
  await expect.poll(taken, { timeout: 15_000 }).toBeGreaterThanOrEqual(before + 20)
  // Another page that comes and goes is not the last one.
  const other = await open(`${cloud.urls.console}/#queues`)
  await other.getByText('Faults are on.').waitFor()
  const told = page.waitForResponse((response) => response.url().includes('/api/live'))
  await other.goto('about:blank')
  await told
  expect((await live()).faults).toEqual(['double-messages'])
  await page.goto('about:blank')
  await expect.poll(async () => (await live()).faults).toEqual([])
})

test('a console that dies takes its faults with it', async () => {
  const page = await faultsPage()
  await press(page, 'Stop the makeline')
  await page.getByRole('button', { name: 'Undo: Stop the makeline' }).waitFor()
  process.kill(cloud.pids.console ?? 0, 'SIGKILL')
  await page.getByRole('button', { name: 'Stop the makeline', exact: true }).waitFor()
  await press(page, 'Place an order')
  await allMade(page, 1)
})

test('the host is killed in the middle of it, comes back by itself, and every order is made once', async () => {
  const page = await faultsPage()
  await press(page, 'Place 10')
  const pid = cloud.pids.host
  await press(page, 'Kill the host')
  await expect
    .poll(() => cloud.pids.host !== undefined && cloud.pids.host !== pid, { timeout: 30_000 })
    .toBe(true)
  // One that was stored and not yet published when the host died is found by a timer, which runs every five minutes.
  await counts(page, { accepted: 10, waiting: 0 })
  while ((await figure(page, 'made').innerText()) !== '10') {
    await show(page, 'functions')
    await press(page, 'Run republishOrders now')
    await page.getByText('republishOrders has run').first().waitFor()
    await show(page, 'faults')
    await page.waitForTimeout(1000)
  }
  await allMade(page, 10)
})
