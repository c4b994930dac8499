/** An employee keeps the catalogue. */
import { randomUUID } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser, type Viewport } from '../harness/browser.ts'
import { clientsOf } from '../harness/clients.ts'

const { urls } = inject('cloud')
const { customer, employee } = clientsOf(urls)
const open = useBrowser()

/** A name that no other test uses. */
const newName = () => `Anchor ${randomUUID().slice(0, 8)}`

const newProduct = (name: string) =>
  employee.products.create({ name, price: 5, description: 'Holds fast.', image: '/images/placeholder.svg' })

describe.each<Viewport>(['desktop', 'phone'])('on a %s', (viewport) => {
  test('a product is added, found, changed and deleted', async () => {
    const name = newName()
    const page = await open(`${urls.admin}/products`, { viewport, roles: ['admin'] })
    await page.getByRole('columnheader', { name: 'Product Name' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByRole('button', { name: 'Add Product' }).click()
    await page.getByRole('button', { name: 'Save Product' }).click()
    await page.getByText('Give the product a name.').waitFor()
    expect(await page.getByLabel('Name').getAttribute('aria-invalid')).toBe('true')
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Price').fill('12.345')
    await page.getByLabel('Keywords').fill('dog, rope')
    await page.getByLabel('Description').fill('<script>document.title = "taken"</script> strong rope')
    await page.getByRole('button', { name: 'Save Product' }).click()
    await page.getByText('Write a price like 9.99.').waitFor()
    await page.getByLabel('Price').fill('12.34')
    await page.getByRole('button', { name: 'Save Product' }).click()
    await page.getByText('Product saved successfully').waitFor()

    await page.getByLabel('Search products').fill(name)
    const rows = page.locator('tbody tr')
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1)
    await page.getByRole('link', { name }).first().click()
    await page.getByRole('heading', { name: 'Edit product' }).waitFor()
    expect(await page.getByLabel('Description').inputValue()).toBe(
      '<script>document.title = "taken"</script> strong rope',
    )
    await page.getByLabel('Price').fill('3')
    await page.getByRole('button', { name: 'Save Product' }).click()
    await page.getByText('Product saved successfully').last().waitFor()
    await expect
      .poll(async () => (await customer.products.list()).find((product) => product.name === name)?.price, {
        timeout: 30_000,
      })
      .toBe(3)

    await page.getByLabel('Search products').fill(name)
    await page.getByRole('button', { name: `Delete ${name}` }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete product' }).click()
    await page.getByText(`“${name}” deleted`).waitFor()
    await page.getByText('Nothing found').waitFor()
    // The row took the focus with it.
    await page.locator('h1:focus', { hasText: 'Products' }).waitFor()
    expect(await page.title()).toContain('Products')
  })

  test('a picture is seen at once, stored, and shown in the store', async () => {
    const { id } = await newProduct(newName())
    const page = await open(`${urls.admin}/product/${id}`, { viewport, roles: ['admin'] })
    const picture = { name: 'red.png', mimeType: 'image/png', buffer: redPixel() }
    await page.getByLabel('Picture file').setInputFiles(picture)
    await expect
      .poll(() => page.getByLabel('Picture address').inputValue(), { timeout: 30_000 })
      .toMatch(/images\/[0-9a-f]{64}\.png$/)
    await page.getByRole('button', { name: 'Save Product' }).click()
    await page.getByText('Product saved successfully').waitFor()

    const { image } = await customer.products.get(id)
    const stored = await page.request.get(new URL(image, urls.store).href)
    expect(stored.headers()['content-type']).toBe('image/png')

    await page.goto(`${urls.admin}/product/${id}`)
    await page.getByLabel('Picture file').setInputFiles({ ...picture, name: 'a.txt', mimeType: 'text/plain' })
    await page.getByText('Choose a picture').waitFor()
  })
})

test('whoever saves second sees what the first one saved, and decides', async () => {
  const name = newName()
  const product = await newProduct(name)
  const page = await open(`${urls.admin}/product/${product.id}`, { roles: ['admin'], expected: /412/ })
  await page.getByLabel('Price').fill('7')
  await employee.products.update({ ...product, description: 'Holds faster.' })

  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByText('Someone else saved this product first').waitFor()
  await page.getByRole('cell', { name: 'Holds faster.' }).waitFor()
  expect((await customer.products.get(product.id)).price).toBe(5)
  expect(await accessibilityFaults(page)).toEqual([])

  await page.getByRole('button', { name: 'Take theirs' }).click()
  expect(await page.getByLabel('Description').inputValue()).toBe('Holds faster.')
  await page.getByLabel('Price').fill('8')
  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByText('Product saved successfully').waitFor()
})

test('what was typed outlives a conflict, even one that cannot be looked at, and can be saved over it', async () => {
  const product = await newProduct(newName())
  const page = await open(`${urls.admin}/product/${product.id}`, {
    roles: ['admin'],
    expected: /412|503/,
  })
  await page.getByLabel('Price').fill('7')
  await employee.products.update({ ...product, description: 'Holds faster.' })

  await page.route(`**/api/products/${product.id}`, (route) => route.fulfill({ status: 503 }))
  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByText('what they saved cannot be read').waitFor()
  expect(await page.getByLabel('Price').inputValue()).toBe('7')

  await page.unroute(`**/api/products/${product.id}`)
  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByRole('cell', { name: 'Holds faster.' }).waitFor()
  await page.getByRole('button', { name: 'Save mine over it' }).click()
  await page.getByText('Product saved successfully').waitFor()
  expect(await customer.products.get(product.id)).toMatchObject({ price: 7, description: 'Holds fast.' })
})

test('a picture that is dropped is seen before it is stored, and nothing is saved without it', async () => {
  const product = await newProduct(newName())
  const page = await open(`${urls.admin}/product/${product.id}`, { roles: ['admin'] })
  let store = () => {}
  const wanted = new Promise<void>((resolve) => (store = resolve))
  await page.route('**/api/products/images', async (route) => {
    await wanted
    await route.continue()
  })
  await page.getByLabel('Price').fill('6')
  const transfer = await page.evaluateHandle(`(() => {
    const files = new DataTransfer()
    const bytes = Uint8Array.from(atob('${redPixel().toString('base64')}'), (letter) => letter.charCodeAt(0))
    files.items.add(new File([bytes], 'red.png', { type: 'image/png' }))
    return files
  })()`)
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer })
  await page.locator('img.preview[src^="blob:"]').waitFor()

  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByText('The picture is still being stored.').waitFor()
  expect(await page.getByLabel('Picture address').getAttribute('aria-invalid')).toBe('true')
  expect((await customer.products.get(product.id)).price).toBe(5)

  store()
  await page.getByText('The picture is still being stored.').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByText('Product saved successfully').waitFor()
  const saved = await customer.products.get(product.id)
  expect(saved.price).toBe(6)
  expect(saved.image).toMatch(/images\/[0-9a-f]{64}\.png$/)
})

test('the table is sorted by what its head says, up and down, and the address keeps it', async () => {
  const page = await open(`${urls.admin}/products`, { roles: ['admin'] })
  const prices = async () =>
    (await page.locator('tbody td.number').allTextContents()).map((text) => Number(text.replace(/[$,]/g, '')))
  await page.getByRole('button', { name: 'Price' }).click()
  await page
    .getByRole('columnheader', { name: 'Price' })
    .and(page.locator('[aria-sort="ascending"]'))
    .waitFor()
  await expect
    .poll(async () => (await prices()).join(), { timeout: 30_000 })
    .toBe((await prices()).toSorted((a, b) => a - b).join())
  await page.getByRole('button', { name: 'Price' }).click()
  await page.waitForURL(`${urls.admin}/products?sort=-price`)
  await expect
    .poll(async () => (await prices()).join(), { timeout: 30_000 })
    .toBe((await prices()).toSorted((a, b) => b - a).join())
})

test('what is not saved is not lost by a slip', async () => {
  const page = await open(`${urls.admin}/products/new`, { roles: ['admin'] })
  await page.getByLabel('Name').fill('Half a product')
  await page.getByRole('link', { name: 'Orders', exact: true }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stay' }).click()
  expect(await page.getByLabel('Name').inputValue()).toBe('Half a product')
})

test('the assistant writes a description as one watches, and draws a picture', async () => {
  const page = await open(`${urls.admin}/products/new`, { roles: ['admin'] })
  await page.getByRole('button', { name: 'Ask AI Assistant' }).click()
  await page.getByText('Give the product a name.').waitFor()
  await page.getByLabel('Name').fill('Tug Rope')
  await page.getByLabel('Keywords').fill('dog, rope')
  await page.getByRole('button', { name: 'Ask AI Assistant' }).click()
  await page.getByText('The assistant has written a description').waitFor()
  expect(await page.getByLabel('Description').inputValue()).toMatch(/\w+ \w+/)

  await page.getByRole('button', { name: 'Generate Image' }).click()
  await expect
    .poll(() => page.getByLabel('Picture address').inputValue(), { timeout: 30_000 })
    .toMatch(/^\/api\/products\/images\//)
})

test('the assistant can be stopped, and what was written before is still there', async () => {
  const product = await newProduct(newName())
  const page = await open(`${urls.admin}/product/${product.id}`, { roles: ['admin'] })
  // It never gets further than thinking.
  await page.route('**/api/ai/generate/description', () => {})
  await page.getByRole('button', { name: 'Ask AI Assistant' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Write a new one' }).click()
  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByText('The assistant is still writing.').waitFor()
  expect(page.url()).toBe(`${urls.admin}/product/${product.id}`)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' })
  expect(await page.getByLabel('Description').inputValue()).toBe(product.description)
  expect(await page.getByLabel('Description').isEditable()).toBe(true)
})

test('where there is no AI, there are no buttons for it', async () => {
  const page = await open(`${urls.admin}/products`, { roles: ['admin'] })
  await page.route('**/api/ai/**', (route) => route.fulfill({ json: { capabilities: [] } }))
  const asked = page.waitForResponse('**/api/ai/capabilities')
  await page.getByRole('button', { name: 'Add Product' }).click()
  await asked
  await page.getByRole('button', { name: 'Save Product' }).waitFor()
  expect(await page.getByRole('button', { name: 'Ask AI Assistant' }).count()).toBe(0)
  expect(await page.getByRole('button', { name: 'Generate Image' }).count()).toBe(0)
})

/** A PNG of one red pixel. */
function redPixel(): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const check = Buffer.alloc(4)
    check.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, check])
  }
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from([0, 255, 0, 0]))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
