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

// Its store-front/basic.spec.ts reads the address without waiting (`page.url()`) right after the first click.
test.each([
  ['has come', /^$/],
  ['has not come', /assets.(Product|Cart|Orders)View/],
])('the address changes in the turn of a click on a link to a page whose code %s', async (_when, missing) => {
  const page = await open(`${store}/health`, { withoutServiceWorker: true })
  await page.route(missing, () => {})
  await page.goto(store)
  await page.locator('.product-card').first().waitFor()
  if (!missing.test('assets/CartView')) await page.waitForLoadState('networkidle')
  for (const address of ['/product/1', '/cart', '/orders']) {
    // A message comes after all that the click does itself, and before anything from the network.
    const shown = await page.evaluate<{ address: string; drawn: boolean }>(`new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () =>
        resolve({ address: location.pathname, drawn: document.querySelector('main h1, main h2') !== null })
      document.querySelector('a[href="${address}"]').click()
      port2.postMessage('')
    })`)
    expect(shown).toEqual({ address, drawn: !missing.test('assets/CartView') })
  }
})

// Its store-admin/comprehensive.spec.ts clicks on "Orders" as soon as the link is there, and reads the address.
test.each([
  [store, 'Cart', '/cart'],
  [admin, 'Dashboard', '/dashboard'],
])('the address of %s changes with a click before the first page is there', async (site, link, address) => {
  const page = await open(`${site}/health`, { roles: ['admin'], withoutServiceWorker: true })
  await page.route(/assets.\w+View/, () => {})
  await page.goto(site, { waitUntil: 'commit' })
  await page.getByRole('link', { name: link }).click()
  expect(await page.evaluate<string>('location.pathname')).toBe(address)
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
