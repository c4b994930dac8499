/** What can go wrong for a visitor, and what someone may try on purpose. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'
import { storedOrders } from '../harness/inside.ts'

const { urls, settings } = inject('cloud')
const { customer, employee } = clientsOf(urls)
const open = useBrowser()

const newProduct = (name: string, price = 5) =>
  employee.products.create({ name, price, description: 'Holds fast.', image: '/images/placeholder.svg' })

/** The orders that this visitor's device has made, as they are stored. */
async function ordersOf(page: Page) {
  const customerId = await page.evaluate(() => JSON.parse(localStorage.getItem('customer') ?? 'null'))
  return (await storedOrders(settings)).filter((order) => order.customerId === customerId)
}

async function fillCart(page: Page, productId = 2) {
  await page.goto(`${urls.store}/product/${productId}`)
  await page.getByRole('button', { name: 'Add to Cart' }).click()
  await page.getByRole('link', { name: /^Cart \([1-9]/ }).click()
  await page.locator('.cart-item').waitFor()
}

test('a double click makes one order', async () => {
  const page = await open(urls.store)
  await fillCart(page)
  await page.getByRole('button', { name: 'Checkout' }).dblclick()
  await page.waitForURL(/\/order\/[\w-]+$/)
  expect(await ordersOf(page)).toHaveLength(1)
})

test('a lost answer, a reload and another try make one order', async () => {
  const page = await open(urls.store, { withoutServiceWorker: true, expected: /ERR_FAILED|503/ })
  await fillCart(page)
  let tries = 0
  await page.route('**/api/orders', async (route) => {
    tries++
    if (tries === 1) {
      // The order is made; the visitor never hears of it.
      await route.fetch()
      await route.abort()
    } else if (tries === 2) await route.fulfill({ status: 503, headers: { 'retry-after': '1' } })
    else await route.continue()
  })
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.getByRole('alert').filter({ hasText: 'will not order twice' }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Retry Checkout' }).click()
  await page.getByRole('alert').filter({ hasText: 'not answering right now' }).waitFor()

  await page.reload()
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.getByText('Order submitted successfully').waitFor()
  await page.waitForURL(/\/order\/[\w-]+$/)
  expect(tries).toBe(3)
  expect(await ordersOf(page)).toHaveLength(1)
})

test('prices that change are shown before they are paid, and what is gone is not ordered', async () => {
  const product = await newProduct(`Compass ${randomUUID().slice(0, 8)}`)
  const page = await open(urls.store, { withoutServiceWorker: true })
  await fillCart(page, product.id)

  await employee.products.update({ ...product, price: 6 })
  await page.reload()
  await page.locator('.cart-item', { hasText: 'The price has risen: it was $5.00' }).waitFor()

  // It changes once more, after the visitor has looked.
  await employee.products.update({ ...product, price: 7.5 })
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.getByRole('alert').filter({ hasText: 'have just changed' }).waitFor()
  await page.locator('.summary .total', { hasText: '$7.50' }).waitFor()
  expect(await ordersOf(page)).toEqual([])

  await employee.products.delete(product.id)
  await page.reload()
  await page.locator('.cart-item', { hasText: 'No longer in our catalogue' }).waitFor()
  expect(await page.getByRole('button', { name: 'Checkout' }).isDisabled()).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: `Remove ${product.name}` }).click()
  await page.getByText('Nothing aboard yet').waitFor()
})

test('prices changed in the browser’s storage change nothing that is charged', async () => {
  const page = await open(urls.store)
  await page.evaluate(() => {
    localStorage.setItem(
      'cart',
      JSON.stringify([{ productId: 7, quantity: 2, name: 'Bargain', price: 0.01, total: 0.02 }]),
    )
  })
  await page.goto(`${urls.store}/cart`)
  await page.locator('.summary .total', { hasText: '$39.98' }).waitFor()
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.waitForURL(/\/order\/[\w-]+$/)
  const orderId = new URL(page.url()).pathname.split('/').pop() ?? ''
  expect((await customer.orders.track(orderId))?.value.total).toBe(39.98)
})

test('script in names, descriptions, pictures and addresses is text', async () => {
  const script = '<img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>'
  const product = {
    id: 3,
    name: `Hook ${script}`,
    price: 3,
    description: `${script} {{ constructor.constructor('document.title="taken"')() }}`,
    image: 'javascript:document.title="taken"',
  }
  const page = await open('about:blank', { withoutServiceWorker: true, expected: /404/ })
  await page.route('**/api/products', (route) => route.fulfill({ json: [product] }))
  await page.route('**/api/products/3', (route) => route.fulfill({ json: product }))

  await page.goto(`${urls.store}/?search=${encodeURIComponent(product.name)}`)
  await page.locator('.product-card', { hasText: product.name }).waitFor()
  expect(await page.getByLabel('Search').inputValue()).toBe(product.name)
  await page.getByRole('link', { name: product.name }).click()
  await page.getByText(product.description).waitFor()
  expect(await page.locator('.product img').getAttribute('src')).toBe('/images/placeholder.svg')
  expect(await page.title()).toBe(`${product.name} · Contoso Pet Store`)
  await page.getByRole('button', { name: 'Add to Cart' }).click()
  await page.getByRole('link', { name: 'Cart (1)' }).click()
  await page.locator('.cart-item', { hasText: product.name }).waitFor()
  await page.goto(`${urls.store}/order/${encodeURIComponent(script)}`)
  await page.getByText('We know no such order').waitFor()
  expect(await page.locator('main script, main [onerror]').count()).toBe(0)
  expect(await page.title()).toBe('Your order · Contoso Pet Store')
})

test('a store that does not answer is told from an empty one, and trying again helps', async () => {
  const page = await open('about:blank', { withoutServiceWorker: true, expected: /503/ })
  await page.route('**/api/products', (route) => route.fulfill({ status: 503 }))
  await page.goto(urls.store)
  await page.getByText('Rough seas').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.unroute('**/api/products')
  await page.route('**/api/products', (route) => route.fulfill({ json: [] }))
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('The shelves are empty').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

test('after one visit the catalogue can be read without a connection, and ordering waits for one', async () => {
  const page = await open(urls.store, { expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch|ERR_FAILED/ })
  await page.locator('.product-card').nth(9).waitFor()
  await expect
    .poll(() => page.evaluate<boolean>(`caches.match('/images/products/10.svg').then(Boolean)`), {
      timeout: 30_000,
    })
    .toBe(true)

  await page.context().setOffline(true)
  await page.goto(`${urls.store}/?search=life+jacket`)
  await page.getByText('You are offline.').waitFor()
  await page.getByRole('link', { name: 'Ahoy Doggy Life Jacket' }).click()
  await page.locator('.product-info', { hasText: '$5.99' }).waitFor()
  await expect
    .poll(
      () =>
        page
          .locator('.product img')
          .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      {
        timeout: 30_000,
      },
    )
    .toBeGreaterThan(0)
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Add to Cart' }).click()
  await page.getByRole('link', { name: 'Cart (1)' }).click()
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.getByRole('alert').filter({ hasText: 'Your cart is safe' }).waitFor()

  await page.context().setOffline(false)
  await page.getByRole('button', { name: 'Retry Checkout' }).click()
  await page.waitForURL(/\/order\/[\w-]+$/)
  expect(await ordersOf(page)).toHaveLength(1)
})

test('the store can be installed', async () => {
  const page = await open(urls.store)
  const manifest = await (await page.request.get(`${urls.store}/manifest.webmanifest`)).json()
  expect(manifest).toMatchObject({ name: 'Contoso Pet Store', start_url: '/', display: 'standalone' })
  // A theme is one file: what the style sheet has is what the browser's frame gets.
  const hull = await page.evaluate(`getComputedStyle(document.querySelector('header')).backgroundColor`)
  const [, r = '', g = '', b = ''] = /^#(..)(..)(..)$/.exec(manifest.theme_color) ?? []
  expect(hull).toBe(`rgb(${[r, g, b].map((part) => Number.parseInt(part, 16)).join(', ')})`)
  expect(await page.locator('meta[name=theme-color]').getAttribute('content')).toBe(manifest.theme_color)
  for (const { src, type } of manifest.icons) {
    const icon = await page.request.get(urls.store + src)
    expect([icon.status(), icon.headers()['content-type']]).toEqual([200, type])
  }
})

test('pages come with a policy that lets no foreign or inline script run, and hashed files may be kept', async () => {
  const page = await open(urls.store)
  const document = await page.request.get(`${urls.store}/order/any`)
  const policy = document.headers()['content-security-policy']
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toContain('unsafe')
  expect(document.headers()['cache-control']).toBe('no-cache')
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await document.text())?.[1]
  const asset = await page.request.get(urls.store + script)
  expect(asset.headers()['cache-control']).toContain('immutable')
})
