/** What the store does for the device it is on: its language, its colours, its cache, and files that are gone. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'

const { urls } = inject('cloud')
const { customer, employee } = clientsOf(urls)
const open = useBrowser()

const plain = (text: string | null) => text?.replace(/\s/g, ' ')
const inCache = (page: Page, address: string) =>
  page.evaluate<boolean>(`caches.match(${JSON.stringify(address)}).then(Boolean)`)

test('prices and times are written as the visitor’s language writes them', async () => {
  const order = await customer.orders.place(
    { customerId: 'ein Freund', items: [{ productId: 7, quantity: 100 }] },
    randomUUID(),
  )
  const page = await open(`${urls.store}/product/7`, { locale: 'de-DE' })
  const price = page.locator('.product-info .price')
  await price.waitFor()
  expect(plain(await price.textContent())).toBe('19,99 $')
  await page.goto(`${urls.store}/order/${order.orderId}`)
  const total = page.locator('.total .price')
  await total.waitFor()
  expect(plain(await total.textContent())).toBe('1.999,00 $')
  const [date, time] = [
    new Date(order.createdAt).toLocaleDateString('de-DE', { dateStyle: 'medium' }),
    new Date(order.createdAt).toLocaleTimeString('de-DE', { timeStyle: 'short' }),
  ]
  await page.getByText(`placed ${date}, ${time}`).waitFor()
})

test('the colours are the ones that were chosen, also after a reload', async () => {
  const page = await open(urls.store)
  const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const toggle = page.getByRole('button', { name: 'Colour theme' })
  const light = await ground()
  await toggle.click()
  expect(await toggle.getAttribute('aria-label')).toBe('Colour theme: light')
  expect(await ground()).toBe(light)
  await toggle.click()
  const dark = await ground()
  expect(dark).not.toBe(light)
  await page.reload()
  await page.getByRole('button', { name: 'Colour theme: dark' }).waitFor()
  expect(await ground()).toBe(dark)
  expect(await accessibilityFaults(page)).toEqual([])
  await toggle.click()
  expect(await toggle.getAttribute('aria-label')).toBe('Colour theme: system')
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await ground()).toBe(dark)
})

test('what a page needs is kept for offline, its style sheet too; what the catalogue lost is not', async () => {
  const page = await open(urls.store)
  await page.evaluate('navigator.serviceWorker.ready')
  const sheet = await page.locator('link[rel=stylesheet]').getAttribute('href')
  expect(await inCache(page, String(sheet))).toBe(true)
  await expect.poll(() => inCache(page, '/images/products/10.svg'), { timeout: 30_000 }).toBe(true)

  const gone = ['/images/products/gone.svg', '/api/products/99999']
  await page.evaluate(
    `caches.open('seen').then((cache) => Promise.all(${JSON.stringify(gone)}.map((path) => cache.put(path, new Response('')))))`,
  )
  await page.reload()
  for (const path of gone) await expect.poll(() => inCache(page, path), { timeout: 30_000 }).toBe(false)
  expect(await inCache(page, '/images/products/10.svg')).toBe(true)
})

test('a full disk does not make the catalogue old', async () => {
  const product = await employee.products.create({
    name: `Sextant ${randomUUID().slice(0, 8)}`,
    price: 5,
    description: 'Shows the way.',
    image: '/images/placeholder.svg',
  })
  const page = await open(urls.store)
  await expect.poll(() => inCache(page, '/api/products'), { timeout: 30_000 }).toBe(true)
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin: urls.store, quotaSize: 1 })
  await employee.products.update({ ...product, price: 6 })
  await page.reload()
  await page.locator('.product-card', { hasText: product.name }).getByText('$6.00').waitFor()
  const kept = await page.evaluate<string>(`caches.match('/api/products').then((answer) => answer.text())`)
  expect(kept).toContain(JSON.stringify(product.name))
  expect(JSON.parse(kept).find(({ id }: { id: number }) => id === product.id).price).toBe(5)
  await employee.products.delete(product.id)
})

test('a product that is deleted while its page is open can no longer be put into the cart', async () => {
  const page = await open('about:blank', { withoutServiceWorker: true, expected: /404/ })
  await page.clock.install()
  await page.goto(`${urls.store}/product/7`)
  await page.getByRole('button', { name: 'Add to Cart' }).waitFor()
  await page.route('**/api/products/7', (route) => route.fulfill({ status: 404 }))
  await page.getByRole('link', { name: 'All goods' }).click()
  await page.locator('.product-card').first().waitFor()
  await page.clock.fastForward(60_000)
  await page.goBack()
  await page.getByText('This one has sailed').waitFor()
  expect(await page.getByRole('button', { name: 'Add to Cart' }).count()).toBe(0)
})

test.each([
  ['store', urls.store, 'Cart', 'CartView', '/cart', 'Nothing aboard yet'],
  ['admin', `${urls.admin}/orders`, 'Makeline', 'MakelineView', '/makeline', 'Dead letters'],
])(
  'files that a release took away from an open page of the %s: it is loaded anew, once',
  async (_app, start, link, file, path, words) => {
    const page = await open(new URL('/favicon.svg', start).href, {
      roles: ['admin'],
      withoutServiceWorker: true,
      expected: /404|Failed to (load|fetch)|dynamically imported/,
    })
    // Before it is opened: an idle page fetches ahead what it will need.
    await page.route(`**/assets/${file}-*`, (route) => route.fulfill({ status: 404 }))
    await page.goto(start)
    await page.getByRole('link', { name: link }).first().waitFor()
    let loads = 0
    page.on('request', (request) => {
      if (request.isNavigationRequest()) loads++
    })
    await page.getByRole('link', { name: link }).first().click()
    const word = page.getByRole('alert').filter({ hasText: 'could not be loaded' })
    await word.waitFor()
    expect(new URL(page.url()).pathname).toBe(path)
    expect(loads).toBe(1)

    await page.unroute(`**/assets/${file}-*`)
    await word.getByRole('button', { name: 'Try again' }).click()
    await page.getByText(words).first().waitFor()

    // The next release is a new story.
    await page.goto(start)
    await page.getByRole('link', { name: link }).first().waitFor()
    await page.route(`**/assets/${file}-*`, (route) => route.fulfill({ status: 404 }), { times: 1 })
    await page.getByRole('link', { name: link }).first().click()
    await page.getByText(words).first().waitFor()
  },
)
