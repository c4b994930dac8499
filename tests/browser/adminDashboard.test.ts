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
    await expect.poll(() => page.locator('canvas').count(), { timeout: 30_000 }).toBe(4)

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

test('only the dashboard loads the code of charts', async () => {
  const page = await open(`${urls.admin}/orders`, { roles: ['admin'] })
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(request.url()))
  await page.reload()
  await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor()
  await page.waitForLoadState('networkidle')
  expect(loaded.filter((url) => url.includes('DashboardView'))).toEqual([])
  await page.getByRole('link', { name: 'Dashboard' }).click()
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor()
  expect(loaded.some((url) => url.includes('DashboardView'))).toBe(true)
})
