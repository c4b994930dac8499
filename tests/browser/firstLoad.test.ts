/** What a page asks for before it can show anything. */
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { useBrowser } from '../harness/browser.ts'

const { store, admin } = inject('cloud').urls
const open = useBrowser()

test.each([
  [store, '/', 'CatalogueView', '/api/products'],
  [store, '/product/7', 'ProductView', '/api/products'],
  [store, '/cart', 'CartView', '/api/products'],
  [store, '/orders', 'OrdersView', undefined],
  [admin, '/orders', 'OrdersView', '/.auth/me'],
  [admin, '/products', 'ProductsView', '/.auth/me'],
  [admin, '/dashboard', 'DashboardView', '/.auth/me'],
])(
  'of %s, %s is answered with the names of its code and data, and asks for each of them once',
  async (site, path, view, data) => {
    const page = await open(site + path, { roles: ['admin'], withoutServiceWorker: true })
    const answer = await page.reload({ waitUntil: 'networkidle' })
    const link = answer?.headers().link ?? ''
    const announced = [...link.matchAll(/<([^>]+)>/g)].map(([, address]) => String(address))
    expect(announced.some((address) => address.startsWith(`/assets/${view}-`))).toBe(true)
    if (data) expect(announced).toContain(data)

    const asked = await page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)`,
    )
    for (const address of announced)
      expect([address, asked.filter((path) => path === address).length]).toEqual([address, 1])
  },
)

test.each(['/', '/product/7', '/cart', '/orders', '/order/0193577c-0000-7000-8000-000000000000'])(
  'the JavaScript of %s, as a server sends it, is at most 48 KB',
  async (path) => {
    const page = await open(`${store}/robots.txt`, { withoutServiceWorker: true, expected: /404/ })
    // What comes when nothing else is to do is none of the first load.
    await page.addInitScript('globalThis.requestIdleCallback = () => 0')
    const sizes: Promise<number>[] = []
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script')
        sizes.push(response.body().then((body) => gzipSync(body, { level: 9 }).length))
    })
    await page.goto(store + path, { waitUntil: 'networkidle' })
    await page.locator('main h1').waitFor()
    const size = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    expect(size).toBeGreaterThan(30_000)
    expect(size).toBeLessThanOrEqual(48 * 1024)
  },
)

test('a page that loads well never begins with a failure', async () => {
  const page = await open(`${store}/orders`, { withoutServiceWorker: true })
  await markIfSeen(page, '[role=alert]')
  for (const path of ['/', '/product/7', '/cart']) {
    await page.goto(store + path, { waitUntil: 'networkidle' })
    expect([path, await page.locator('.seen').count()]).toEqual([path, 0])
  }
})

test.each([
  ['/', 'CatalogueView'],
  ['/product/7', 'ProductView'],
  ['/cart', 'CartView'],
])(
  'goods that are there before the code of %s are drawn at once, without ghosts of them',
  async (path, view) => {
    const page = await open(`${store}/orders`, { withoutServiceWorker: true })
    await page.evaluate(`localStorage.setItem('cart', '[{"productId":7,"quantity":1}]')`)
    await markIfSeen(page, '.skeleton, .loading')
    await holdCodeUntilGoods(page, view)
    await page.goto(store + path, { waitUntil: 'networkidle' })
    await page.locator('main .picture').first().waitFor()
    expect(await page.locator('.seen').count()).toBe(0)
  },
)

test('the catalogue draws what is in view first; reloaded, it is whole and found where it was left', async () => {
  const page = await open(`${store}/`, { withoutServiceWorker: true })
  await page.locator('.product-card').nth(9).waitFor()
  const whole = await page.locator('.product-card').count()
  await page.addInitScript(`
    window.drawn = []
    new MutationObserver(() => {
      const cards = document.querySelectorAll('.product-card').length
      if (cards !== drawn.at(-1)) drawn.push(cards)
    }).observe(document, { childList: true, subtree: true })
  `)
  await holdCodeUntilGoods(page, 'CatalogueView')
  await page.goto(`${store}/?sort=price`)
  await expect.poll(() => page.evaluate<number[]>('drawn')).toEqual([0, 4, whole])

  await page.mouse.wheel(0, 500)
  await expect.poll(() => page.evaluate<number>('scrollY')).toBeGreaterThan(100)
  const left = await page.evaluate<number>('scrollY')
  await page.reload()
  await expect.poll(() => page.evaluate<number[]>('drawn')).toEqual([0, whole])
  await expect.poll(() => page.evaluate<number>('scrollY')).toBe(left)
})

test.each([
  {
    site: store,
    from: '/orders',
    link: /^Cart/,
    to: '/cart',
    view: 'CartView',
    second: 'Products',
    third: '/',
  },
  {
    site: admin,
    from: '/orders',
    link: 'Dashboard',
    to: '/dashboard',
    view: 'DashboardView',
    second: 'Makeline',
    third: '/makeline',
  },
])('of $site, a click changes the address while the code of $view is still to come', async (given) => {
  const page = await open(`${given.site}/favicon.svg`, { roles: ['admin'], withoutServiceWorker: true })
  const code = Promise.withResolvers<void>()
  await page.route(`**/assets/${given.view}-*.js`, async (route) => {
    await code.promise
    await route.continue()
  })
  await page.goto(given.site + given.from)
  const link = (name: string | RegExp) => page.getByRole('navigation').getByRole('link', { name })
  await page.locator('main h1').waitFor()
  const before = await page.locator('main h1').innerText()

  await link(given.link).click()
  await page.waitForURL(given.site + given.to)
  await page.getByText('Loading…').waitFor({ state: 'attached' })
  expect(await page.getByText(before, { exact: true }).and(page.locator('h1')).count()).toBe(0)

  // The last click counts, whatever comes of the one before.
  await link(given.second).click()
  await page.waitForURL(given.site + given.third)
  await page.locator('main h1').waitFor()
  const last = await page.locator('main h1').innerText()
  code.resolve()
  await page.goBack()
  await page.waitForURL(given.site + given.to)
  await expect.poll(() => page.locator('main h1').innerText()).not.toBe(last)
})

/** Notes on the document, by the class `seen`, when something is ever on a page, however shortly. */
const markIfSeen = (page: Page, selector: string) =>
  page.addInitScript(`
    const is = (node) => node.matches?.('${selector}') || node.querySelector?.('${selector}')
    new MutationObserver((changes) => {
      if (changes.some(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes].some(is)))
        document.documentElement.classList.add('seen')
    }).observe(document, { childList: true, subtree: true })
  `)

/** Has the code of a page come after the catalogue. */
async function holdCodeUntilGoods(page: Page, view: string) {
  const goods = page.waitForResponse(`${store}/api/products`).then((response) => response.finished())
  await page.route(`**/assets/${view}-*.js`, async (route) => {
    await goods
    await route.continue()
  })
}
