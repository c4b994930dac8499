/** Pages where there is little room: small screens, large text, messages over the page, paper; and links as people copy them. */
import type { Locator, Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { tooWide, useBrowser } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'

const { urls } = inject('cloud')
const { store, admin } = urls
const { customer } = clientsOf(urls)
const open = useBrowser()

const placeOrder = () =>
  customer.orders.place({ customerId: 'small', items: [{ productId: 7, quantity: 2 }] }, crypto.randomUUID())

const fillCart = (page: Page) =>
  page.evaluate(
    `localStorage.setItem('cart', JSON.stringify([1, 2, 3, 4].map((productId) => ({ productId, quantity: 99, name: '', price: 1 }))))`,
  )

const pages = [
  [store, '/'],
  [store, '/product/1'],
  [store, '/cart'],
  [store, '/orders'],
  [store, '/order/new'],
  [admin, '/orders'],
  [admin, '/products'],
  [admin, '/product/1'],
  [admin, '/dashboard'],
  [admin, '/makeline'],
] as const

// WCAG 2.2, 1.4.10 (Reflow) and 1.4.4 (Resize Text).
test.each([
  ['320 pixels wide', 320, 100],
  ['with text of twice the size on a phone', 390, 200],
])('no page has to be scrolled sideways %s', async (_what, width, percent) => {
  const { orderId } = await placeOrder()
  const faults: Record<string, string[]> = {}
  for (const site of [store, admin]) {
    const page = await open(site, { roles: ['admin'], viewport: 'phone', expected: /./ })
    await page.setViewportSize({ width, height: 800 })
    await fillCart(page)
    for (const path of pages.filter(([of]) => of === site).map(([, path]) => path.replace('new', orderId))) {
      await page.goto(site + path, { waitUntil: 'networkidle' })
      await page.addStyleTag({ content: `html { font-size: ${percent}% }` }).catch(() => undefined)
      await page.evaluate(`document.documentElement.style.fontSize = '${percent}%'`)
      await page.locator('main h1').first().waitFor({ state: 'attached' })
      const found = await tooWide(page)
      if (found.length) faults[site + path] = found
    }
  }
  expect(faults).toEqual({})
})

test('with large text the quantity of a line of the cart is not covered by its sum', async () => {
  const page = await open(store, { viewport: 'phone' })
  await fillCart(page)
  await page.goto(`${store}/cart`)
  await page.evaluate(`document.documentElement.style.fontSize = '200%'`)
  const row = page.locator('.cart-item').first()
  const count = await row.locator('.count').boundingBox()
  const sum = await row.locator('.sum').boundingBox()
  if (!count || !sum) throw new Error('The row is not there.')
  expect(sum.y >= count.y + count.height || sum.x >= count.x + count.width).toBe(true)
})

/** Whether nothing lies over the middle of what matches. */
const isFree = (page: Page, selector: string) =>
  page.evaluate<boolean>(`(() => {
    const element = document.querySelector('${selector}')
    element.scrollIntoView({ block: 'nearest' })
    const { left, top, width, height } = element.getBoundingClientRect()
    return element.contains(document.elementFromPoint(left + width / 2, top + height / 2))
  })()`)

test('on a phone messages leave the total and the checkout free', async () => {
  const page = await open(store, { viewport: 'phone' })
  await fillCart(page)
  await page.goto(`${store}/cart`)
  for (let times = 0; times < 3; times++)
    await page
      .getByRole('button', { name: /^Remove/ })
      .first()
      .click()
  await page.locator('.toast').nth(2).waitFor({ state: 'attached' })
  expect(await isFree(page, '.summary .button')).toBe(true)
  expect(await isFree(page, '.summary .total')).toBe(true)
  expect(await page.locator('.toast:visible').count()).toBe(1)
})

test('on a phone the message of a copied link leaves the button free', async () => {
  const { orderId } = await placeOrder()
  const page = await open(`${store}/order/${orderId}`, { viewport: 'phone' })
  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.locator('.toast').waitFor()
  expect(await isFree(page, 'footer .actions .button')).toBe(true)
})

test('on a phone the ways to go on with an order share a row, and so do “Orders” and “Live”', async () => {
  const { orderId } = await placeOrder()
  const page = await open(`${admin}/order/${orderId}`, { roles: ['admin'], viewport: 'phone' })
  const button = (name: string) => page.locator('main').getByRole('button', { name, exact: true })
  await button('Start').waitFor()
  /** How far apart the middles of what is looked at are, in pixels down the page. */
  const apart = async (elements: Locator[]) => {
    const boxes = await Promise.all(elements.map((element) => element.boundingBox()))
    const middles = boxes.map((box) => (box ? box.y + box.height / 2 : Number.NaN))
    return Math.max(...middles) - Math.min(...middles)
  }
  expect(await apart(['Cancel Order', 'Start', 'Complete Order'].map(button))).toBeLessThan(8)
  expect(
    await apart([page.locator('main').getByRole('link', { name: 'Orders' }), button('Live')]),
  ).toBeLessThan(8)
})

test.each(['.', ',', ')', '%20', '>', '."', '…'])(
  'a link to an order with %s behind it leads to the order',
  async (end) => {
    const { orderId, number } = await placeOrder()
    const page = await open(`${store}/order/${orderId.toUpperCase()}${end}`)
    await page.getByText(number).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/order/${orderId}`)
  },
)

test.each(['light', 'dark'] as const)(
  'an order on paper is its goods and its total, in the %s theme',
  async (scheme) => {
    const { orderId, number } = await placeOrder()
    const page = await open(`${store}/order/${orderId}`)
    await page.getByText(number).waitFor()
    await page.evaluate(`document.documentElement.dataset.theme = '${scheme}'`)
    await page.emulateMedia({ media: 'print' })
    for (const seen of ['Total', 'Seashell Snuggle Bed', number])
      expect(await page.getByText(seen, { exact: true }).first().isVisible()).toBe(true)
    for (const unseen of ['Copy link', 'Cancel order', 'Products'])
      expect(await page.getByText(unseen, { exact: true }).first().isVisible()).toBe(false)
    expect(await page.locator('.foot').isVisible()).toBe(false)
    expect(await page.evaluate(`getComputedStyle(document.documentElement).colorScheme`)).toBe('light')
  },
)

test('more of a product than an order takes is said, and what went in', async () => {
  const page = await open(store)
  await page.evaluate(`localStorage.setItem('cart', '[{"productId":1,"quantity":997,"name":"","price":1}]')`)
  await page.goto(`${store}/product/1`)
  await page.getByLabel(/^Quantity/).fill('5')
  await page.getByRole('button', { name: 'Add to Cart' }).click()
  await page.getByText('Only 2 more of it went in').waitFor()
  await page.getByRole('button', { name: 'Add to Cart' }).click()
  await page.getByText('No more of it goes in').waitFor()
})

test('a range that is too long is shortened, and the dashboard says so', async () => {
  const page = await open(`${admin}/dashboard?from=2020-01-01&to=2026-11-25`, { roles: ['admin'] })
  await page.getByText('At most 365 days are shown').waitFor()
  await page.getByRole('heading', { name: 'Orders over time' }).waitFor()
  expect(await page.getByLabel('From').inputValue()).toBe('2025-11-26')
})
