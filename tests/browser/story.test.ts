/** The whole story in a browser: a customer buys, an employee completes the order, the customer sees it. */
import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { useBrowser } from '../harness/browser.ts'

const { urls } = inject('cloud')
const open = useBrowser()

test('an order goes from the catalogue to the employee and back to the customer', async () => {
  const store = await open(urls.store)
  expect(await store.title()).toBe('Contoso Pet Store')

  // The catalogue, and one product of it.
  const card = store.locator('.product-list .product-card').nth(1)
  const name = await card.locator('h2').innerText()
  const price = await card.locator('.price').innerText()
  await card.getByRole('link').first().click()
  await store.locator('.product-info h2', { hasText: name }).waitFor()

  // The cart, and the checkout.
  await store.getByRole('button', { name: 'Add to Cart' }).click()
  await store.getByRole('link', { name: 'Cart (1)' }).click()
  const row = await store.locator('.cart-item').innerText()
  expect(row).toContain(name)
  expect(row).toContain(price)
  await store.getByRole('button', { name: /Checkout/ }).click()
  await store.getByText('Order submitted successfully').waitFor()

  // The page of the order follows it without being asked: it has reached the makeline.
  await store.waitForURL(/\/order\/[\w-]+$/)
  const orderId = new URL(store.url()).pathname.split('/').pop()
  await statusIs(store, 'Pending')

  // The employee signs in, finds the order and completes it.
  const admin = await open(urls.admin)
  await admin.getByRole('link', { name: /Sign in with Microsoft/ }).click()
  await admin.getByLabel('Roles').fill('admin')
  await admin.getByRole('button', { name: 'Login' }).click()
  await admin.getByRole('link', { name: 'Orders', exact: true }).click()
  expect(await admin.title()).toContain('Contoso Pet Store Admin Portal')
  await admin.locator(`a[href$="/order/${orderId}"]`).first().click()
  await admin.waitForURL(/\/order\/[\w-]+$/)
  await admin.getByRole('main').getByRole('link', { name }).waitFor()
  await admin.getByRole('button', { name: 'Complete Order' }).click()

  // The customer, who has the page still open, sees it.
  await statusIs(store, 'Complete')
})

/** Waits until the page shows this status of the order. */
const statusIs = (page: Page, text: string) => page.locator('main .badge', { hasText: text }).waitFor()
