/** An employee has the AI assistant write and draw, stops it, and is told when it fails. */
import { randomUUID } from 'node:crypto'
import { beforeEach, expect, inject, test } from 'vitest'
import type { FailureKind } from '../../local/openai/failures.ts'
import type { Call } from '../../local/openai/index.ts'
import { accessibilityFaults, type OpenOptions, useBrowser } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'
import { until } from '../harness/until.ts'

const { urls } = inject('cloud')
const { customer } = clientsOf(urls)
const open = useBrowser()
/** The product of a test, by which its calls to the models are known among those of others. */
let name: string

beforeEach(() => {
  name = `Galley Bell ${randomUUID().slice(0, 8)}`
})

/** How the calls of this test to the models ended. */
async function outcomes() {
  const calls = (await (await fetch(`${urls.openai}/stand-in/calls`)).json()) as Call[]
  return calls.filter(({ body }) => JSON.stringify(body)?.includes(name)).map(({ outcome }) => outcome)
}

/** Has the next call of this test fail. */
const failNext = (kind: FailureKind) =>
  fetch(`${urls.openai}/stand-in/failures`, { method: 'POST', body: JSON.stringify({ kind, about: name }) })

/** The form of a new product with a name and keywords in it. */
async function newProduct(options: OpenOptions = {}) {
  const page = await open(`${urls.admin}/products/new`, { roles: ['admin'], ...options })
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Price').fill('4.5')
  await page.getByLabel('Keywords').fill('cat, bell')
  return {
    page,
    description: () => page.getByLabel('Description').inputValue(),
    /** The text of the description, once there is one. */
    words: () =>
      until('the first words', async () => (await page.getByLabel('Description').inputValue()) || null),
    ask: page.getByRole('button', { name: 'Ask AI Assistant' }),
    draw: page.getByRole('button', { name: 'Generate Image' }),
    stop: page.getByRole('button', { name: 'Stop' }),
  }
}

test('what the assistant wrote and drew is saved, and customers see it', async () => {
  const { page, description, words, ask, draw } = await newProduct()
  await ask.click()
  // It is seen while it grows.
  const early = await words()
  await page.getByText('The assistant has written a description').waitFor()
  const whole = await description()
  expect(whole.startsWith(early.slice(0, 10))).toBe(true)
  expect(whole).toMatch(/^Stand-in text, written without any model: .*\.$/)
  expect(whole).not.toContain(name)

  await draw.click()
  const address = await until(
    'the picture',
    async () => (await page.getByLabel('Picture address').inputValue()) || null,
  )
  expect(address).toMatch(/^\/api\/products\/images\/[0-9a-f]{64}\.png$/)
  const picture = page.getByRole('img', { name: `Picture of ${name}` })
  await until('the picture to be seen', () =>
    picture.evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth === 1024),
  )
  expect(await accessibilityFaults(page)).toEqual([])

  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByText('Product saved successfully').waitFor()
  const saved = (await customer.products.list()).filter(({ image }) => image === address)
  expect(saved.map(({ description }) => description)).toContain(whole)
})

test('stopping the assistant ends the call to the model', async () => {
  await failNext('stall')
  const { page, description, words, ask, stop } = await newProduct()
  await ask.click()
  const early = await words()
  await stop.click()
  await page.getByText('The description is not finished').waitFor()
  await until('the call to the model is cancelled', async () => (await outcomes()).includes('cancelled'), 20)
  expect(await description()).toContain(early)

  await page.getByRole('button', { name: 'Undo' }).click()
  expect(await description()).toBe('')
})

test('leaving the page ends the call for a picture', async () => {
  await failNext('hang')
  const { page, draw } = await newProduct()
  await draw.click()
  await until('the model is called', async () => (await outcomes()).includes('open'))
  await page.goto('about:blank')
  await until('the call to the model is cancelled', async () => (await outcomes()).includes('cancelled'), 20)
})

test('a refusal is told in words, and the form works on', async () => {
  await failNext('refuse')
  await failNext('refuse-image')
  const { page, description, ask, draw } = await newProduct({ expected: /422/ })
  await ask.click()
  await page.getByText('safety check refuses this').first().waitFor()
  expect(await description()).toBe('')
  await draw.click()
  await until('both calls', async () => (await outcomes()).length === 2)
  await ask.click()
  await page.getByText('The assistant has written a description').waitFor()
})

test('one that breaks off is told too, and what was there before can be had back', async () => {
  await failNext('break-off')
  const { page, description, ask } = await newProduct()
  await page.getByLabel('Description').fill('Rings at noon.')
  await ask.click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Write a new one' }).click()
  await page.getByText('The description is not finished').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  expect(await description()).toBe('Rings at noon.')
})
