/** A visitor looks around, buys and follows the order. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { describe, expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser, type Viewport } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'

const { urls } = inject('cloud')
const { customer, employee } = clientsOf(urls)
const open = useBrowser()

const names = (page: Page) => page.locator('.product-card h2').allInnerTexts()
const orderIdOf = (page: Page) => new URL(page.url()).pathname.split('/').pop() ?? ''
const address = (page: Page) => page.url().slice(urls.store.length)

describe.each<Viewport>(['desktop', 'phone'])('on a %s', (viewport) => {
  test('products are found by word, price and order; the address keeps it all, back and forward too', async () => {
    const page = await open(urls.store, { viewport })
    expect(await page.title()).toBe('Contoso Pet Store')
    await page.locator('.product-card').nth(9).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByLabel('Search').pressSequentially('contoso')
    await page.getByLabel('Sort by').selectOption('Price: low to high')
    await expect
      .poll(() => names(page), { timeout: 30_000 })
      .toEqual(["Contoso Claw's Crabby Cat Toy", "Contoso Catnip's Friend"])
    await page.getByLabel('Lowest price').pressSequentially('4.5')
    await expect.poll(() => names(page), { timeout: 30_000 }).toEqual(["Contoso Catnip's Friend"])
    await expect
      .poll(() => address(page), { timeout: 30_000 })
      .toBe('/?search=contoso&minPrice=4.5&sort=price-asc')

    // A product's page and back again; and the same address opened anew.
    await page.getByRole('link', { name: "Contoso Catnip's Friend" }).click()
    await page.locator('.product-info h2', { hasText: "Contoso Catnip's Friend" }).waitFor()
    expect(address(page)).toBe('/product/1')
    expect(await page.title()).toContain("Contoso Catnip's Friend")
    expect(await accessibilityFaults(page)).toEqual([])
    await page.goBack()
    await expect.poll(() => names(page), { timeout: 30_000 }).toEqual(["Contoso Catnip's Friend"])
    await page.reload()
    await expect.poll(() => names(page), { timeout: 30_000 }).toEqual(["Contoso Catnip's Friend"])
    expect(await page.getByLabel('Lowest price').inputValue()).toBe('4.5')

    await page.getByLabel('Highest price').fill('4')
    await page.getByText('Nothing in the net').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Clear the filters' }).click()
    await page.locator('.product-card').nth(9).waitFor()
  })

  test('a cart becomes an order, and the order’s page follows it to the end', async () => {
    const page = await open(`${urls.store}/product/7`, { viewport })
    await page.getByLabel('Quantity: Seashell Snuggle Bed').fill('3')
    await page.getByRole('button', { name: 'Add to Cart' }).click()
    await page.getByRole('link', { name: 'Products' }).click()
    await page
      .locator('.product-card', { hasText: 'Nautical Knot Ball' })
      .getByRole('button', { name: 'Add to Cart' })
      .click()
    await page.getByRole('link', { name: 'Cart (4)' }).click()
    const rows = page.locator('.cart-item')
    await rows.first().waitFor()
    await page.reload()
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(2)
    await page.getByLabel('Quantity: Seashell Snuggle Bed').press('ArrowDown')
    await page.getByRole('link', { name: 'Cart (3)' }).waitFor()
    await page.getByText('$47.97').last().waitFor()
    await page.getByRole('button', { name: 'Remove Nautical Knot Ball' }).click()
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1)
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(2)
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByRole('button', { name: 'Checkout' }).click()
    await page.getByText('Order submitted successfully').waitFor()
    await page.waitForURL(/\/order\/[\w-]+$/)
    await page.getByRole('link', { name: 'Cart (0)' }).waitFor()
    await page.locator('.progress li.current', { hasText: 'Pending' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])

    const orderId = orderIdOf(page)
    await employee.makeline.setStatus({ orderId, status: 1, state: 'processing' })
    await page.getByRole('heading', { name: 'All hands on deck' }).waitFor()
    await employee.makeline.setStatus({ orderId, status: 2 })
    await page.getByRole('heading', { name: 'Under sail' }).waitFor()
    expect(await page.locator('.progress li.done time').count()).toBe(4)
    expect(await page.getByRole('button', { name: 'Cancel order' }).count()).toBe(0)

    await page.getByRole('link', { name: 'Orders' }).click()
    await page.locator('.orders li', { hasText: '3 pieces' }).getByText('Complete').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.locator('.orders a').click()
    await page.getByRole('heading', { name: 'Under sail' }).waitFor()
    expect(orderIdOf(page)).toBe(orderId)
  })

  test('whoever has the address of an order can follow it and cancel it until it is packed', async () => {
    const order = await customer.orders.place(
      { customerId: 'a friend', items: [{ productId: 4, quantity: 2 }] },
      randomUUID(),
    )
    const page = await open(`${urls.store}/order/${order.orderId}`, { viewport })
    await page.getByText("Ocean Explorer's Puzzle Ball").waitFor()
    await page.getByRole('button', { name: 'Cancel order' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Keep it' }).click()
    await page.getByRole('button', { name: 'Cancel order' }).click()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'Cancel the order' }).click()
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor()
    expect((await customer.orders.track(order.orderId))?.value.state).toBe('cancelled')
    expect(await accessibilityFaults(page)).toEqual([])

    // It is a stranger's order: this device does not take it for its own.
    await page.getByRole('link', { name: 'Orders' }).click()
    await page.getByText('The logbook is blank').waitFor()
  })

  test('pages that have nothing to show say so', async () => {
    const page = await open(`${urls.store}/cart`, { viewport, expected: /404/ })
    await page.getByText('Nothing aboard yet').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    for (const [path, words] of [
      ['/order/nobody-knows-it', 'We know no such order'],
      ['/product/123456', 'This one has sailed'],
      ['/nowhere/at/all', 'Uncharted waters'],
    ] as const) {
      await page.goto(urls.store + path)
      await page.getByText(words).waitFor()
      expect(await accessibilityFaults(page)).toEqual([])
    }
  })
})

test('the keyboard alone can order', async () => {
  const page = await open(urls.store)
  await page.locator('.product-card').nth(9).waitFor()
  const focused = () =>
    page.evaluate<string>('document.activeElement.ariaLabel ?? document.activeElement.innerText ?? ""')
  /** Presses a key until what has the focus is called so. */
  async function go(key: 'Tab' | 'Shift+Tab', name: RegExp) {
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press(key)
      if (name.test(await focused())) return
    }
    throw new Error(`No ${name} was reached by ${key}`)
  }

  await go('Tab', /^Quantity: Salty Sailor/)
  await page.keyboard.press('ArrowUp')
  await go('Tab', /^Add to Cart$/)
  await page.keyboard.press('Enter')
  await go('Shift+Tab', /^Cart \(2\)$/)
  await page.keyboard.press('Enter')
  await page.locator('.cart-item').waitFor()

  await go('Tab', /^Quantity: Salty Sailor/)
  await page.keyboard.type('5')
  await go('Tab', /^Checkout$/)
  await page.getByRole('link', { name: 'Cart (5)' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('Order submitted successfully').waitFor()
  await page.waitForURL(/\/order\/[\w-]+$/)
  expect((await customer.orders.track(orderIdOf(page)))?.value.items).toMatchObject([
    { productId: 2, quantity: 5 },
  ])
})

test('going back finds the catalogue where it was left', async () => {
  const page = await open(urls.store, { viewport: 'phone' })
  await page.locator('.product-card').nth(9).waitFor()
  // Names break otherwise in the font that is there first, so cards are taller until the store's own has come.
  await page.evaluate('document.fonts.ready')
  await page.getByRole('link', { name: 'Ahoy Doggy Life Jacket' }).scrollIntoViewIfNeeded()
  const before = await page.evaluate<number>('scrollY')
  expect(before).toBeGreaterThan(500)
  await page.getByRole('link', { name: 'Ahoy Doggy Life Jacket' }).click()
  await page.locator('.product-info').waitFor()
  await expect.poll(() => page.evaluate<number>('scrollY'), { timeout: 30_000 }).toBe(0)
  await page.goBack()
  await expect.poll(() => page.evaluate<number>('scrollY'), { timeout: 30_000 }).toBe(before)
})
