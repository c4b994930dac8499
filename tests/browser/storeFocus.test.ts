/** The keyboard's place on a page: it survives that what has the focus goes away. */
import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { useBrowser } from '../harness/browser.ts'

const { urls } = inject('cloud')
const open = useBrowser()

const focused = (page: Page) => page.evaluate<string>('document.activeElement.innerText')

test('removing a line of the cart leads to the next line, then to the heading', async () => {
  const page = await open(urls.store)
  await page.evaluate(() => {
    const lines = [1, 2, 3].map((productId) => ({ productId, quantity: 1, name: '', price: 1 }))
    localStorage.setItem('cart', JSON.stringify(lines))
  })
  await page.goto(`${urls.store}/cart`)
  const remove = async (name: string) => {
    await page.getByRole('button', { name: `Remove ${name}` }).focus()
    await page.keyboard.press('Enter')
  }
  await remove("Salty Sailor's Squeaky Squid")
  await expect.poll(() => focused(page)).toBe("Mermaid's Mice Trio")
  await remove("Mermaid's Mice Trio")
  await expect.poll(() => focused(page)).toBe("Contoso Catnip's Friend")
  await remove("Contoso Catnip's Friend")
  await expect.poll(() => focused(page)).toBe('Your cart')
})

test('clearing the filters leads to the heading above them', async () => {
  const page = await open(`${urls.store}/?search=nothing+is+called+so`)
  await page.getByRole('button', { name: 'Clear the filters' }).focus()
  await page.keyboard.press('Enter')
  await page.locator('.product-card').nth(9).waitFor()
  await expect.poll(() => focused(page)).toBe('Fine goods for salty paws')
  await page.keyboard.press('Tab')
  expect(await page.evaluate<string>('document.activeElement.type')).toBe('search')
})

test('the first key leads past the navigation', async () => {
  const page = await open(urls.store)
  await page.locator('.product-card').first().waitFor()
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Skip to content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.evaluate<string>('document.activeElement.type')).toBe('search')
})
