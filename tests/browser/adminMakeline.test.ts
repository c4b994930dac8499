/** An employee looks after the queue. */
import { randomUUID } from 'node:crypto'
import { ServiceBusClient } from '@azure/service-bus'
import { expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser, type Viewport } from '../harness/browser.ts'

const { urls, settings } = inject('cloud')
const open = useBrowser()

async function sendUnreadable(messageId: string) {
  const client = new ServiceBusClient(settings.ServiceBusConnection ?? '')
  try {
    await client
      .createSender(settings.OrdersQueue ?? '')
      .sendMessages({ messageId, body: { order: messageId } })
  } finally {
    await client.close()
  }
}

test.each<Viewport>(['desktop', 'phone'])(
  'on a %s, a dead letter is shown with its reason, tried again and discarded',
  async (viewport) => {
    const page = await open(`${urls.admin}/makeline`, { viewport, roles: ['admin'] })
    await page.getByRole('heading', { name: 'Makeline' }).waitFor()
    await page.getByText('Waiting').waitFor()

    const rows = page.locator('tbody tr')
    const messageId = randomUUID()
    await sendUnreadable(messageId)
    await expect.poll(() => rows.count(), { timeout: 40_000 }).toBe(1)
    await expect.poll(() => page.getByText('need someone to look').count(), { timeout: 30_000 }).toBe(1)
    expect(await rows.first().locator('strong').textContent()).toBeTruthy()
    await page.getByText('What it says').click()
    await expect.poll(() => page.locator('details pre').textContent()).toBe(`{"order":"${messageId}"}`)
    expect(await accessibilityFaults(page)).toEqual([])

    // It cannot be read the second time either, and comes back.
    await page.getByRole('button', { name: 'Resubmit', exact: true }).click()
    await page.getByText('Message back in the queue').waitFor()
    await expect.poll(() => rows.count(), { timeout: 40_000 }).toBe(1)

    await page.getByRole('button', { name: 'Discard' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).click()
    await page.getByText('Message discarded').waitFor()
    await page.getByText('Smooth sailing').waitFor()
    await page.locator('h1:focus', { hasText: 'Makeline' }).waitFor()
  },
)

test('all dead letters are tried again at once, and the keyboard goes on where one was discarded', async () => {
  await sendUnreadable(randomUUID())
  await sendUnreadable(randomUUID())
  const page = await open(`${urls.admin}/makeline`, { roles: ['admin'] })
  const rows = page.locator('tbody tr')
  await expect.poll(() => rows.count(), { timeout: 40_000 }).toBe(2)
  await page.getByRole('button', { name: 'Resubmit all' }).click()
  await page.getByText('2 messages back in the queue').waitFor()
  await expect.poll(() => rows.count(), { timeout: 40_000 }).toBe(2)

  await rows.first().getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).click()
  await expect.poll(() => rows.count(), { timeout: 40_000 }).toBe(1)
  await rows.locator('button:focus').waitFor()
  await rows.getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).click()
  await page.getByText('Smooth sailing').waitFor()
})
