/** Orders that are placed and followed while the visitor goes back, forward and elsewhere. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'
import { storedOrders } from '../harness/inside.ts'

const { urls, settings } = inject('cloud')
const { customer, employee } = clientsOf(urls)
const open = useBrowser()

const place = (productId: number) =>
  customer.orders.place({ customerId: 'a friend', items: [{ productId, quantity: 1 }] }, randomUUID())

/** The orders that this visitor's device has made, as they are stored. */
async function ordersOf(page: Page) {
  const customerId = await page.evaluate(() => JSON.parse(localStorage.getItem('customer') ?? 'null'))
  return (await storedOrders(settings)).filter((order) => order.customerId === customerId)
}

/** A store whose visitor has these products in the cart, one piece each; it shows the cart. */
async function openCart(productIds: number[], options: Parameters<typeof open>[1] = {}) {
  const page = await open(urls.store, options)
  const lines = productIds.map((productId) => ({ productId, quantity: 1, name: '', price: 1 }))
  await page.evaluate((cart) => localStorage.setItem('cart', cart), JSON.stringify(lines))
  await page.goto(`${urls.store}/cart`)
  await page
    .locator('.cart-item')
    .nth(productIds.length - 1)
    .waitFor()
  return page
}

test('a question left open is not asked of another order, and the page shows the order of its address', async () => {
  const orders = [await place(1), await place(2)] as const
  const page = await open(urls.store)
  const book = orders.map(({ orderId, createdAt, total, state }) => ({
    orderId,
    createdAt,
    total,
    state,
    pieces: 1,
  }))
  await page.evaluate((stored) => localStorage.setItem('orders', stored), JSON.stringify(book))
  await page.goto(`${urls.store}/orders`)
  const entry = (at: number) => page.locator(`.orders a[href$="${orders[at]?.orderId}"]`)
  const shown = (at: number) => page.locator('.number', { hasText: orders[at]?.number ?? '' })
  // On a phone, too, one line says when, and the next ends with the sum.
  await page.setViewportSize({ width: 390, height: 844 })
  const [row, sum] = await Promise.all([entry(0).boundingBox(), entry(0).locator('.sum').boundingBox()])
  const right = (box: typeof row) => (box ? box.x + box.width : Number.NaN)
  expect(right(row) - right(sum)).toBeLessThan(20)

  await entry(0).click()
  await page.getByRole('button', { name: 'Cancel order' }).click()
  await page.getByRole('alertdialog').waitFor()
  await page.goBack()
  await entry(1).click()
  await shown(1).waitFor()
  expect(await page.getByRole('alertdialog').count()).toBe(0)

  // From one order straight to another.
  await page.getByRole('link', { name: 'Orders' }).click()
  await entry(0).click()
  await shown(0).waitFor()
  await page.evaluate('history.go(-2)')
  await shown(1).waitFor()
  await page.getByRole('button', { name: 'Cancel order' }).click()
  await page.getByRole('button', { name: 'Cancel the order' }).click()
  await page.getByRole('heading', { name: 'Cancelled' }).waitFor()
  expect((await customer.orders.track(orders[0].orderId))?.value.state).not.toBe('cancelled')
  expect((await customer.orders.track(orders[1].orderId))?.value.state).toBe('cancelled')
})

test('what is put into the cart while an order is on its way stays there, and the visitor where they are', async () => {
  const page = await openCart([2], { withoutServiceWorker: true })
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/api/orders', async (route) => {
    await answered
    await route.continue()
  })
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.locator('.lines[inert]').waitFor()
  await page.getByRole('link', { name: 'Products' }).click()
  for (const name of ['Seafarer', 'Salty Sailor'])
    await page
      .locator('.product-card', { hasText: name })
      .getByRole('button', { name: 'Add to Cart' })
      .click()
  await page.getByRole('link', { name: 'Cart (3)' }).waitFor()
  answer()
  await page.getByText('Order submitted successfully').waitFor()
  await page.getByRole('link', { name: 'Cart (2)' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/')
  await page.getByRole('button', { name: 'View' }).last().click()
  await page.waitForURL(/\/order\/[\w-]+$/)
  expect((await ordersOf(page))[0]?.items).toMatchObject([{ productId: 2, quantity: 1 }])
})

test('who has left the cart hears that the order failed', async () => {
  const page = await openCart([2], { withoutServiceWorker: true, expected: /503/ })
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/api/orders', async (route) => {
    await answered
    await route.fulfill({ status: 503 })
  })
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.locator('.lines[inert]').waitFor()
  await page.getByRole('link', { name: 'Products' }).click()
  await page.locator('.product-card').first().waitFor()
  answer()
  await page.getByRole('alert').filter({ hasText: 'will not order twice' }).waitFor()
  await page.getByRole('link', { name: 'Cart (1)' }).waitFor()
})

test('a cart that changed after a lost answer orders nothing twice: what was sent is asked for first', async () => {
  const page = await openCart([2, 3], { withoutServiceWorker: true, expected: /ERR_FAILED/ })
  let tries = 0
  await page.route('**/api/orders', async (route) => {
    tries++
    if (tries > 1) return route.continue()
    await route.fetch()
    await route.abort()
  })
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.getByRole('alert').filter({ hasText: 'will not order twice' }).waitFor()
  await page.getByRole('button', { name: /^Remove Mermaid/ }).click()
  await page.getByRole('button', { name: /^One more: Salty/ }).click()
  await page.getByText('We ask for that one first').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.waitForURL(/\/order\/[\w-]+$/)
  // The message that it was removed may still be there.
  await page.getByText("Mermaid's Mice Trio", { exact: true }).waitFor()
  expect(await ordersOf(page)).toHaveLength(1)

  // What differs is still in the cart, and a next order is one of its own.
  await page.getByRole('link', { name: 'Cart (1)' }).click()
  await page.locator('.cart-item').waitFor()
  expect(await page.getByText('We ask for that one first').count()).toBe(0)
  await page.getByRole('button', { name: 'Checkout' }).click()
  await page.waitForURL(/\/order\/[\w-]+$/)
  expect((await ordersOf(page)).map(({ items }) => items.length).sort()).toEqual([1, 2])
})

test('what the API says against an order stays on the page until the cart changes', async () => {
  const page = await openCart([2], { withoutServiceWorker: true, expected: /400/ })
  await page.route('**/api/orders', (route) =>
    route.fulfill({
      status: 400,
      contentType: 'application/problem+json',
      json: { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'Not on a Sunday.' },
    }),
  )
  let read = 0
  page.on('requestfinished', (request) => {
    if (request.url().endsWith('/api/products')) read++
  })
  await page.getByRole('button', { name: 'Checkout' }).click()
  const word = page.getByRole('alert').filter({ hasText: 'Not on a Sunday.' })
  await word.waitFor()
  // The catalogue is read before an order is sent, and once more after a refusal: that is no news of the cart.
  await expect.poll(() => read, { timeout: 30_000 }).toBe(2)
  await page.getByRole('button', { name: 'Colour theme' }).click()
  expect(await word.count()).toBe(1)
  await page.getByRole('button', { name: /^One more/ }).click()
  await word.waitFor({ state: 'detached' })
})

test('Undo brings back the line that was removed, and nothing that was ordered since', async () => {
  const page = await openCart([2, 3])
  await page.getByRole('button', { name: /^Remove Mermaid/ }).click()
  const undo = page.getByRole('button', { name: 'Undo' })
  await undo.hover()
  await page.getByRole('button', { name: 'Checkout' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/order\/[\w-]+$/)
  await undo.click()
  await page.getByRole('link', { name: 'Cart (1)' }).click()
  await page.locator('.cart-item', { hasText: "Mermaid's Mice Trio" }).waitFor()
  expect(await page.locator('.cart-item').count()).toBe(1)
})

test('an order’s page says that it has no connection, and catches up by itself', async () => {
  const { orderId } = await place(5)
  const page = await open(`${urls.store}/order/${orderId}`, {
    expected: /ERR_INTERNET_DISCONNECTED|Failed to fetch|ERR_FAILED/,
  })
  await page.getByRole('button', { name: 'Cancel order' }).waitFor()
  await page.evaluate('navigator.serviceWorker.ready')
  await page.context().setOffline(true)
  await page.getByText('You are offline.').waitFor()
  await page.getByText('We cannot reach the store.').waitFor()
  await page.getByText('Pirate Parrot Teaser Wand').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])

  await page.reload()
  await page.getByRole('heading', { name: 'No connection' }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await employee.makeline.setStatus({ orderId, status: 2 })
  await page.context().setOffline(false)
  await page.getByRole('heading', { name: 'Under sail' }).waitFor()
})
