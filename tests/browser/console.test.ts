/** The console of the local cloud: an order is seen to travel, and each fault is tried, with the right count at its end. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LocalCloud } from '../../local/cloud/cloud.ts'
import { partNames } from '../../local/cloud/programs.ts'
import { accessibilityFaults, useBrowser } from '../harness/browser.ts'
import { ownCloud } from '../harness/cloud.ts'
import { storedOrders } from '../harness/inside.ts'

const open = useBrowser()
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
    settings: { OTEL_BSP_SCHEDULE_DELAY: '100' },
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
  await counts(console, { accepted: 1, made: 1, lost: 0, doubled: 0 })
  expect(await accessibilityFaults(console)).toEqual([])

  await show(console, 'traces')
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
  await page.getByText('republishOrders has run').waitFor()
  const runs = page.locator('[data-function="republishOrders"] td').nth(2)
  await expect.poll(() => runs.innerText(), { timeout: 15_000 }).toBe('1')
  expect(await accessibilityFaults(page)).toEqual([])

  await show(page, 'queues')
  await page.getByRole('button', { name: 'orders-failed' }).click()
  await page.getByRole('heading', { name: 'Dead letters of orders-failed' }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

/** Opens the faults, with all earlier orders forgotten. */
async function faultsPage() {
  const page = await open(`${cloud.urls.console}/#faults`, { expected: /409|503/ })
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
  const documents = (await storedOrders(cloud.settings)).filter(({ customerId }) => customerId === 'console')
  for (const { history } of documents)
    expect(history.filter(({ state }) => state === 'pending')).toHaveLength(1)
}
test('while the makeline is stopped orders wait in the queue, and are made when it is back', async () => {
  const page = await faultsPage()
  await press(page, 'Stop the makeline')
  await press(page, 'Place 10')
  await counts(page, { accepted: 10, made: 0, waiting: 10 })
  expect(await accessibilityFaults(page)).toEqual([])
  await show(page, 'queues')
  await page.getByRole('row', { name: /^orders 10/ }).waitFor()
  await page.locator('details').first().waitFor()
  await show(page, 'faults')
  await press(page, 'Undo: Stop the makeline')
  await allMade(page, 10)
})

test('while the database is cut nobody is promised anything, and customers get their order once it is back', async () => {
  const page = await faultsPage()
  await press(page, 'Cut the database')
  await press(page, 'Place an order')
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
  await press(page, 'Undo: Throttle the database')
  await press(page, 'Slow the database')
  await press(page, 'Place an order')
  await allMade(page, 11)
  await press(page, 'Undo all faults')
})

test('the page that is left takes its faults with it, and doubled messages make no order twice', async () => {
  const page = await faultsPage()
  await press(page, 'Double every message')
  await press(page, 'Place 10')
  await allMade(page, 10)
  const live = async () =>
    (await (await fetch(`${cloud.urls.console}/api/live`)).json()) as { faults: string[] }
  expect((await live()).faults).toEqual(['double-messages'])
  await page.goto('about:blank')
  await expect.poll(async () => (await live()).faults).toEqual([])
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
