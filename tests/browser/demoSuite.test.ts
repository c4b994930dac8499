/**
 * What the browser tests of the AKS Store Demo ask of the pages (its repository, `tests/e2e`), where ours fell short, and
 * what its scripts and monitors ask for beside them.
 */
import { expect, inject, test } from 'vitest'
import { useBrowser } from '../harness/browser.ts'

const { store, admin } = inject('cloud').urls
const open = useBrowser()

test('the price of a product is a spin button, and the arrow keys turn it', async () => {
  const page = await open(`${admin}/products/new`, { roles: ['admin'] })
  const price = page.getByRole('spinbutton', { name: 'Price' })
  await price.fill('2.99')
  await price.press('ArrowUp')
  expect(await price.inputValue()).toBe('3.99')
  expect(await price.getAttribute('aria-valuenow')).toBe('3.99')
})

test.each(['/', '/product/1'])('the first three buttons of %s can be pressed', async (path) => {
  const page = await open(store + path)
  await page.getByRole('button', { name: 'Add to Cart' }).first().waitFor()
  const buttons = await page.getByRole('button').all()
  for (const button of buttons.slice(0, 3)) expect(await button.isEnabled()).toBe(true)
})

test('the address changes at once on a click, before anything more has come over the network', async () => {
  const page = await open(store, { withoutServiceWorker: true })
  await page.locator('.product-card').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.route('**/assets/**', () => {})
  for (const address of ['/product/1', '/cart', '/orders']) {
    await page.locator(`a[href="${address}"]`).first().click()
    await expect.poll(() => new URL(page.url()).pathname).toBe(address)
  }
})

test('the code of a page comes when a link to it is pointed at or has the focus, also in a busy browser', async () => {
  const page = await open(`${store}/health`, { withoutServiceWorker: true })
  await page.addInitScript('requestIdleCallback = () => {}')
  await page.goto(store)
  await page.locator('.product-card').first().waitFor()
  const cart = page.waitForRequest('**/assets/CartView-*.js')
  await page.getByRole('link', { name: /^Cart/ }).hover()
  await cart
  const orders = page.waitForRequest('**/assets/OrdersView-*.js')
  await page.getByRole('link', { name: /^Orders/ }).focus()
  await orders
})

test.each([store, admin])('%s is not said to be well by a page, nor is a page a picture', async (site) => {
  const health = await fetch(`${site}/health`)
  expect(health.status).toBe(200)
  expect(health.headers.get('content-type')).toContain('application/json')
  expect(await health.json()).toEqual({ status: 'ok' })
  for (const path of ['/placeholder.png', '/photo.jpg', '/app.css', '/x.webp']) {
    const cookie = `StaticWebAppsAuthCookie=${Buffer.from('{"userRoles":["anonymous","authenticated","admin"]}').toString('base64')}`
    expect((await fetch(site + path, { headers: { cookie } })).status).toBe(404)
  }
})

test.each([
  [store, /\/$/],
  [admin, /\/orders$/],
])('/index.html of %s is its first page', async (site, address) => {
  const page = await open(`${site}/index.html`, { roles: ['admin'] })
  await page.waitForURL(address)
  expect(await page.getByText('not found', { exact: false }).count()).toBe(0)
})
