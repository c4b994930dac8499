/** An employee looks at the figures. */
import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser, type Viewport } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'

const { urls } = inject('cloud')
const { customer } = clientsOf(urls)
const open = useBrowser()

test.each<Viewport>(['desktop', 'phone'])(
  'on a %s, the dashboard shows charts, the same figures as tables, and its range in the address',
  async (viewport) => {
    await customer.orders.place({ customerId: 'ada', items: [{ productId: 7, quantity: 2 }] }, randomUUID())
    const page = await open(`${urls.admin}/dashboard`, { viewport, roles: ['admin'] })
    await page.getByText('Average order').waitFor()
    // A chart is made when it comes into view.
    for (const chart of await page.getByRole('figure').all()) {
      await chart.scrollIntoViewIfNeeded()
      await chart.locator('svg').waitFor()
    }
    const bar = page.getByRole('figure', { name: 'Revenue over time' }).locator('rect').last()
    await bar.hover()
    await page.locator('.told', { hasText: /\$[\d,]+\.\d\d$/ }).waitFor()

    await page.getByText('Top products by revenue as a table').click()
    const row = page.getByRole('row', { name: 'Seashell Snuggle Bed' })
    await row.waitFor()
    expect(await row.getByRole('cell').last().textContent()).toMatch(/\$\d/)
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByRole('link', { name: '7 days' }).click()
    await expect.poll(() => page.url()).toBe(`${urls.admin}/dashboard?range=7d`)
    await page.getByText('Orders over time as a table').click()
    // Eight days have a share in the last seven times 24 hours.
    await expect
      .poll(() => page.getByRole('table', { name: 'Orders over time' }).locator('tbody tr').count(), {
        timeout: 30_000,
      })
      .toBe(8)
  },
)

test('the days of the dashboard can be chosen, and those that are the wrong way round are one day', async () => {
  const page = await open(`${urls.admin}/dashboard`, { roles: ['admin'] })
  await page.getByText('Average order').waitFor()
  await page.getByLabel('To', { exact: true }).fill('2024-03-01')
  await page.getByLabel('To', { exact: true }).blur()
  await page.waitForURL(/from=2024-03-01&to=2024-03-01$/)
  await page.getByLabel('From').fill('2024-03-05')
  await page.getByLabel('From').blur()
  await page.waitForURL(/from=2024-03-05&to=2024-03-05$/)
  await page.getByRole('figure', { name: 'Top products by revenue' }).scrollIntoViewIfNeeded()
  await page.getByText('Nothing was sold in this time.').waitFor()
  await page.getByText('Orders over time as a table').click()
  await expect
    .poll(() => page.getByRole('table', { name: 'Orders over time' }).locator('tbody tr').count(), {
      timeout: 30_000,
    })
    .toBe(24)
})

test('only the dashboard loads the code of charts', async () => {
  const page = await open(`${urls.admin}/orders`, { roles: ['admin'] })
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(request.url()))
  await page.reload()
  await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor()
  await page.waitForLoadState('networkidle')
  expect(loaded.filter((url) => url.includes('BarChart'))).toEqual([])
  await page.getByRole('link', { name: 'Dashboard' }).click()
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
  await page.locator('figure svg').first().waitFor()
  expect(loaded.some((url) => url.includes('BarChart'))).toBe(true)
})

test('figures that can no longer be read again are not taken for new ones, on the dashboard and among the products', async () => {
  const page = await open(`${urls.admin}/dashboard`, { roles: ['admin'], expected: /503/ })
  await page.getByText('Average order').waitFor()
  await page.route('**/api/analytics/**', (route) => route.fulfill({ status: 503 }))
  // From here on the test has the clock; going live anew takes it up.
  await page.clock.install()
  await page.getByRole('button', { name: 'Live' }).click()
  await page.getByRole('button', { name: 'Paused' }).click()
  await page.clock.fastForward(25_000)
  await page.getByRole('button', { name: 'Reconnecting' }).waitFor()
  expect(await page.getByText('Average order').count()).toBe(1)

  await page.getByRole('link', { name: 'Products', exact: true }).click()
  await page.getByRole('columnheader', { name: 'Product Name' }).waitFor()
  await page.route('**/api/products?*', (route) => route.fulfill({ status: 503 }))
  await page.clock.fastForward(25_000)
  await page.getByRole('button', { name: 'Reconnecting' }).waitFor()
  expect(await page.getByRole('columnheader', { name: 'Product Name' }).count()).toBe(1)
})
