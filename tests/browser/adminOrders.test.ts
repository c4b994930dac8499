/** An employee works through the orders. */
import { randomUUID } from 'node:crypto'
import type { Order } from '@store/contract'
import { describe, expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser, type Viewport } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'
import { until } from '../harness/until.ts'

const { urls } = inject('cloud')
const { customer, employee } = clientsOf(urls)
const open = useBrowser()

/** Places orders of one customer and waits until the makeline has accepted them. */
async function placeOrders(customerId: string, count: number): Promise<Order[]> {
  const order = { customerId, items: [{ productId: 2, quantity: 3 }] }
  const placed = await Promise.all(
    Array.from({ length: count }, () => customer.orders.place(order, randomUUID())),
  )
  await until('the orders are in the line', async () => {
    const waiting = new Set((await employee.makeline.fetch()).map(({ orderId }) => orderId))
    return placed.every(({ orderId }) => waiting.has(orderId))
  })
  return placed
}

const stateOf = async (orderId: string) => (await employee.makeline.get(orderId)).state

/** A customer that no other test knows. */
const newCustomer = () => `customer-${randomUUID().slice(0, 8)}`

describe.each<Viewport>(['desktop', 'phone'])('on a %s', (viewport) => {
  test('a customer’s order is found behind any number of others, and still there when one comes back from it', async () => {
    const name = newCustomer()
    const [order] = await placeOrders(name, 1)
    await placeOrders(newCustomer(), 26)
    const page = await open(`${urls.admin}/orders`, { viewport, roles: ['admin'] })
    const rows = page.locator('tbody tr')
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(25)
    await page.getByLabel('Find an order').fill(name)
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1)
    expect(page.url()).toBe(`${urls.admin}/orders?find=${name}`)
    await rows.getByRole('link').click()
    await page.getByRole('button', { name: 'Complete Order' }).click()
    await page.getByText(`Order ${order?.number} completed`).waitFor()

    await page.goBack()
    await page.getByText(`There is no pending order of a customer called exactly “${name}”.`).waitFor()
    expect(await page.getByLabel('Find an order').inputValue()).toBe(name)
    await page.getByRole('link', { name: 'Look among all orders' }).click()
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1)
    await page.getByRole('link', { name: 'Cancelled', exact: true }).click()
    await page.getByRole('button', { name: 'Clear the filters' }).click()
    await expect.poll(() => page.url(), { timeout: 30_000 }).toBe(`${urls.admin}/orders?state=cancelled`)
  })

  test('an order is found by its whole id whatever its state, and Enter opens it', async () => {
    const [order] = await placeOrders(newCustomer(), 1)
    await employee.makeline.setStatus({ orderId: order?.orderId ?? '', status: 2 })
    const page = await open(`${urls.admin}/orders`, { viewport, roles: ['admin'], expected: /404/ })
    await page.getByLabel('Find an order').fill(` ${order?.orderId} `)
    const rows = page.locator('tbody tr')
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1)
    await rows.getByText('Complete', { exact: true }).locator('visible=true').waitFor()
    await page.getByLabel('Find an order').press('Enter')
    await page.waitForURL(`${urls.admin}/order/${order?.orderId}`)
    await page.goBack()
    await page.getByLabel('Find an order').fill(randomUUID().replace(/^(.{14})4/, '$17'))
    await page.getByText('There is no order of this number.').waitFor()
  })

  test('the number that a customer reads out is found, and is what both pages call the order', async () => {
    const [order] = await placeOrders(newCustomer(), 1)
    await employee.makeline.setStatus({ orderId: order?.orderId ?? '', status: 2 })
    const store = await open(`${urls.store}/order/${order?.orderId}`, { viewport })
    const readOut = (await store.locator('footer strong.number').innerText()).replace('-', ' ')
    const page = await open(`${urls.admin}/orders`, { viewport, roles: ['admin'] })
    await page.getByLabel('Find an order').fill(readOut)
    const rows = page.locator('tbody tr')
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1)
    await rows.getByRole('link', { name: order?.number ?? '' }).click()
    await page.waitForURL(`${urls.admin}/order/${order?.orderId}`)
    await page.getByRole('heading', { name: `Order ${order?.number}` }).waitFor()
  })

  test('orders come in by themselves, are found by their customer, and completed one by one and many at once', async () => {
    const name = newCustomer()
    const page = await open(`${urls.admin}/orders`, { viewport, roles: ['admin'] })
    await page.getByLabel('Find an order').fill(name)
    await page.getByText('Nothing found').waitFor()

    const [first] = await placeOrders(name, 3)
    const rows = page.locator('tbody tr')
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(3)
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByRole('button', { name: `Complete order ${first?.number}` }).click()
    await page.getByText(`Order ${first?.number} completed`).waitFor()
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(2)

    await page.getByLabel('Select all orders shown').check()
    await page
      .getByRole('region', { name: 'Selected orders' })
      .getByRole('button', { name: 'Complete' })
      .click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Complete 2 orders' }).click()
    await page.getByText('2 orders completed').waitFor()
    await page.getByText('Nothing found').waitFor()
    // The bar with the button is gone, and took the focus with it.
    await page.locator('h1:focus', { hasText: 'Orders' }).waitFor()

    await page.getByRole('link', { name: 'Complete', exact: true }).click()
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(3)
    expect(page.url()).toBe(`${urls.admin}/orders?find=${name}&state=complete`)
    expect(await stateOf(first?.orderId ?? '')).toBe('complete')
  })

  test('an order shows what it holds and its history, is started and completed', async () => {
    const [order] = await placeOrders('<img src=x onerror="document.title=1">', 1)
    const page = await open(`${urls.admin}/order/${order?.orderId}`, { viewport, roles: ['admin'] })
    await page.getByText('<img src=x onerror="document.title=1">').waitFor()
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    await page.getByRole('cell', { name: "Salty Sailor's Squeaky Squid" }).waitFor()

    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByRole('list').getByText('Processing', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Complete Order' }).click()
    await page.getByRole('list').getByText('Complete', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: 'Complete Order' }).count()).toBe(0)
    expect(await stateOf(order?.orderId ?? '')).toBe('complete')
    expect(await accessibilityFaults(page)).toEqual([])
  })
})

test('the keyboard alone finds orders and completes them, on the board and on their own page', async () => {
  const name = newCustomer()
  const orders = await placeOrders(name, 2)
  const page = await open(`${urls.admin}/orders`, { roles: ['admin'] })
  await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor()

  /** What a screen reader would call the element that has the focus. */
  const focused = async () => {
    const element = page.locator(':focus')
    if (!(await element.count())) return ''
    return (
      (await element.getAttribute('aria-label')) ??
      (await element.getAttribute('placeholder')) ??
      (await element.innerText()).trim()
    )
  }
  async function tabTo(wanted: RegExp) {
    for (let presses = 0; presses < 60; presses++) {
      if (wanted.test(await focused())) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`Tab never reaches ${wanted}`)
  }

  await tabTo(/order number/)
  await page.keyboard.type(name)
  await expect.poll(() => page.locator('tbody tr').count(), { timeout: 30_000 }).toBe(2)
  await tabTo(/^Select order/)
  await page.keyboard.press('ArrowDown')
  const id = await focused()
  const chosen = orders.find(({ number }) => number === id)
  await page.keyboard.press('c')
  await page.getByText(`Order ${id} completed`).waitFor()
  expect(await stateOf(chosen?.orderId ?? '')).toBe('complete')

  // The row took the focus with it, which goes on to the order that is left.
  const left = orders.find((order) => order !== chosen)
  await expect.poll(focused, { timeout: 30_000 }).toBe(left?.number)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Complete Order' }).waitFor()
  await tabTo(/^Complete Order$/)
  await page.keyboard.press('Enter')
  await page.getByText(`Order ${left?.number} completed`).waitFor()
  expect(await stateOf(left?.orderId ?? '')).toBe('complete')
})

test('an order is cancelled once the employee has said that it is meant', async () => {
  const [order] = await placeOrders(newCustomer(), 1)
  const page = await open(`${urls.admin}/order/${order?.orderId}`, { roles: ['admin'] })
  await page.getByRole('button', { name: 'Cancel Order' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep it' }).click()
  expect(await stateOf(order?.orderId ?? '')).toBe('pending')
  await page.getByRole('button', { name: 'Cancel Order' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the order' }).click()
  await page.getByRole('list').getByText('Cancelled').waitFor()
  expect(await stateOf(order?.orderId ?? '')).toBe('cancelled')
})

test('the board shows the orders of the days that are asked for', async () => {
  const name = newCustomer()
  await placeOrders(name, 2)
  const page = await open(`${urls.admin}/orders?find=${name}`, { roles: ['admin'] })
  const rows = page.locator('tbody tr')
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(2)
  const tomorrow = await page.evaluate(() => new Date(Date.now() + 86_400_000).toLocaleDateString('sv'))
  await page.getByLabel('From').fill(tomorrow)
  await page.getByLabel('From').blur()
  await page.getByText(`“${name}” in these days.`).waitFor()
  expect(new URL(page.url()).searchParams.get('from')).toBe(tomorrow)
  await page.getByLabel('From').fill('2020-01-01')
  await page.getByLabel('From').blur()
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(2)
})

test('an order that someone else has finished meanwhile cannot be started again, and the page says why', async () => {
  const [order] = await placeOrders(newCustomer(), 1)
  const page = await open(`${urls.admin}/order/${order?.orderId}`, { roles: ['admin'], expected: /409/ })
  await page.getByRole('button', { name: 'Live' }).click()
  await employee.makeline.setStatus({ orderId: order?.orderId ?? '', status: 3 })
  await page.getByRole('button', { name: 'Complete Order' }).click()
  await page.getByText('An order that is cancelled cannot become complete.').waitFor()
  await page.getByRole('list').getByText('Cancelled').waitFor()
})

test('the board turns its pages, and the browser turns them back', async () => {
  const name = newCustomer()
  await placeOrders(name, 26)
  const page = await open(`${urls.admin}/orders`, { roles: ['admin'] })
  const rows = page.locator('tbody tr')
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(25)
  const first = await rows.first().getByRole('link').textContent()
  await page.getByRole('link', { name: 'Older' }).click()
  await page.getByRole('link', { name: 'Newest' }).waitFor()
  await expect.poll(() => rows.getByRole('link').allTextContents(), { timeout: 30_000 }).not.toContain(first)
  await page.goBack()
  await page.getByRole('link', { name: 'Newest' }).waitFor({ state: 'detached' })
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(25)
})
