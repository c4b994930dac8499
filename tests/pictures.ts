/**
 * `npm run pictures`: takes the README's pictures of the running store and admin into `docs/`, as WebP of at most
 * 150 KB each. `npm run pictures -- --all FOLDER` takes every page, light and dark, on a desktop and a phone.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ServiceBusClient } from '@azure/service-bus'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type LocalCloud, startLocalCloud } from '../local/cloud/cloud.ts'
import { partNames } from '../local/cloud/programs.ts'
import { root } from '../local/root.ts'
import { findChromium } from './harness/chromium.ts'
import { clientsOf, principalHeader } from './harness/clients.ts'
import { until } from './harness/until.ts'

interface Picture {
  name: string
  app: 'store' | 'admin' | 'console'
  path: string
  /** What is there once the page is ready. */
  ready: string
  /** Roles of whoever is signed in to the admin; nobody is when it is null. */
  roles?: string[] | null
  /** Brings the page into the state that the picture shows. */
  prepare?: (page: Page) => Promise<unknown>
  /** It stands in the README or in docs/, in this colour scheme. */
  inReadme?: 'light' | 'dark'
}

interface Look {
  colorScheme: 'light' | 'dark'
  device: 'desktop' | 'phone'
}

const mostBytes = 150 * 1024
const { values } = parseArgs({ options: { all: { type: 'string' } } })

const cloud = await startLocalCloud({ parts: partNames })
const browser = await chromium.launch({
  executablePath: await findChromium(),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
})
try {
  const orders = await fillShop(cloud)
  for (const picture of picturesOf(orders)) {
    const looks: Look[] = values.all
      ? (['desktop', 'phone'] as const).flatMap((device) =>
          (['light', 'dark'] as const).map((colorScheme) => ({ device, colorScheme })),
        )
      : picture.inReadme
        ? [{ device: 'desktop', colorScheme: picture.inReadme }]
        : []
    for (const look of looks) {
      const image = await take(browser, picture, look)
      const name = values.all ? `${picture.name}-${look.device}-${look.colorScheme}` : picture.name
      const folder = values.all ?? join(root, 'docs')
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, `${name}.webp`), image)
      console.log(`${name}.webp  ${(image.length / 1024).toFixed(0)} KB`)
    }
  }
} finally {
  await browser.close()
  await cloud.stop()
}

function picturesOf({ placed, completed }: { placed: string; completed: string }): Picture[] {
  const addToCart = async (page: Page) => {
    for (const at of [1, 4, 6]) await page.getByRole('button', { name: 'Add to Cart' }).nth(at).click()
    await page.getByRole('link', { name: /^Cart/ }).click()
    await page.locator('.cart-item').nth(2).waitFor()
    for (const toast of await page.getByRole('button', { name: /Dismiss|Close/ }).all())
      await toast.click({ timeout: 1_000 }).catch(() => {})
  }
  const checkOut = async (page: Page) => {
    await page.getByRole('button', { name: 'Checkout' }).click()
    await page.locator('main .badge').waitFor()
  }
  const orderTwice = async (page: Page) => {
    await addToCart(page)
    await checkOut(page)
    await page.getByRole('link', { name: 'Products' }).click()
    await addToCart(page)
    await checkOut(page)
    await page.getByRole('link', { name: 'Orders' }).click()
    await page.locator('.orders li').nth(1).waitFor()
  }
  const placeOrder = async (page: Page) => {
    await page.getByRole('button', { name: 'Place 10' }).click()
    await page.locator('tr[data-way="makeline>database"]').waitFor()
  }
  const meetConflict = async (page: Page) => {
    const { employee } = clientsOf(cloud.urls)
    const product = await employee.products.get(3)
    await employee.products.update({ ...product, price: Math.round((product.price + 1) * 100) / 100 })
    await page.getByLabel('Description').fill('Three mice with seashell ears.')
    await page.getByRole('button', { name: 'Save Product' }).click()
    await page.locator('.conflict').waitFor()
  }
  return [
    { name: 'store', app: 'store', path: '/', ready: '.product-card img', inReadme: 'light' },
    { name: 'store-product', app: 'store', path: '/product/2', ready: '.product-info h2' },
    { name: 'store-cart', app: 'store', path: '/', ready: '.product-card', prepare: addToCart },
    { name: 'store-order', app: 'store', path: `/order/${placed}`, ready: '.badge', inReadme: 'light' },
    { name: 'store-order-complete', app: 'store', path: `/order/${completed}`, ready: '.badge' },
    { name: 'store-orders', app: 'store', path: '/', ready: '.product-card', prepare: orderTwice },
    { name: 'store-no-orders', app: 'store', path: '/orders', ready: 'main h1' },
    { name: 'store-nowhere', app: 'store', path: '/nowhere', ready: 'main h1' },
    { name: 'admin-orders', app: 'admin', path: '/orders', ready: 'tbody tr', inReadme: 'light' },
    { name: 'admin-order', app: 'admin', path: `/order/${placed}`, ready: '.badge' },
    { name: 'admin-products', app: 'admin', path: '/products', ready: 'tbody tr' },
    { name: 'admin-product', app: 'admin', path: '/product/2', ready: 'form' },
    { name: 'admin-dashboard', app: 'admin', path: '/dashboard', ready: '.chart text', inReadme: 'dark' },
    { name: 'admin-makeline', app: 'admin', path: '/makeline', ready: 'tbody tr' },
    { name: 'admin-new-product', app: 'admin', path: '/products/new', ready: 'form' },
    { name: 'admin-conflict', app: 'admin', path: '/product/3', ready: 'form', prepare: meetConflict },
    {
      name: 'console',
      app: 'console',
      path: '/',
      ready: 'tr[data-way]',
      prepare: placeOrder,
      inReadme: 'light',
    },
    { name: 'admin-nowhere', app: 'admin', path: '/nowhere', ready: 'main h1' },
    { name: 'admin-sign-in', app: 'admin', path: '/sign-in', ready: 'h1', roles: null },
    { name: 'admin-forbidden', app: 'admin', path: '/orders', ready: 'h1', roles: ['cook'] },
  ]
}

async function take(browser: Browser, picture: Picture, { colorScheme, device }: Look) {
  const phone = device === 'phone'
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
    deviceScaleFactor: values.all ? 1 : 1.5,
    isMobile: phone,
    hasTouch: phone,
    locale: 'en-US',
    colorScheme,
    reducedMotion: 'reduce',
  })
  try {
    const origin = cloud.urls[picture.app]
    const roles = picture.roles === undefined ? ['admin'] : picture.roles
    if (picture.app === 'admin' && roles)
      await context.addCookies([
        { name: 'StaticWebAppsAuthCookie', value: principalHeader(roles), url: origin },
      ])
    const page = await context.newPage()
    await page.goto(`${origin}${picture.path}`)
    await page.locator(picture.ready).first().waitFor()
    await picture.prepare?.(page)
    await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => {})
    return await webp(page, phone)
  } finally {
    await context.close()
  }
}

/** The page (all of it, or what is in view) as WebP, at the best quality that the limit allows. */
async function webp(page: Page, whole: boolean): Promise<Buffer> {
  if (whole) await growToWhole(page)
  const session = await page.context().newCDPSession(page)
  for (let quality = 90; ; quality -= 10) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality })
    const image = Buffer.from(data, 'base64')
    if (image.length <= mostBytes || quality <= 30) return image
  }
}

/** Makes the window as high as the page, so that what waits to come into view is there, and bars stand at its end. */
async function growToWhole(page: Page) {
  const { width } = page.viewportSize() ?? { width: 390 }
  const height = await page.evaluate<number>('document.documentElement.scrollHeight')
  await page.setViewportSize({ width, height })
  // What has come into view is being fetched and drawn.
  await page.waitForTimeout(1_000)
}

/** Orders of many customers, some of them on their way or complete, and a dead letter, so that no page is empty. */
async function fillShop({ urls, settings }: LocalCloud) {
  await sendUnreadable(settings)
  const { customer, employee } = clientsOf(urls)
  const names = [
    'ahab',
    'nemo',
    'ishmael',
    'grace',
    'sinbad',
    'moana',
    'popeye',
    'ariel',
    'jonah',
    'bluebeard',
  ]
  const ids: string[] = []
  for (let number = 0; number < 34; number++) {
    const item = (step: number) => ({
      productId: 1 + ((number * step + step) % 10),
      quantity: 1 + ((number * step) % 3),
    })
    const items =
      number % 3 === 0 ? [item(3)] : number % 3 === 1 ? [item(3), item(7)] : [item(1), item(7), item(3)]
    const order = {
      customerId: names[number % names.length] ?? '',
      items: items.filter((a, at) => items.findIndex((b) => b.productId === a.productId) === at),
    }
    ids.push((await customer.orders.place(order, randomUUID())).orderId)
  }
  const isPending = async (id: string) => (await customer.orders.track(id))?.value.state === 'pending'
  for (const id of ids) await until('the order is pending', () => isPending(id))
  for (const orderId of ids.slice(0, 6))
    await employee.makeline.setStatus({ orderId, status: 1, state: 'processing' })
  for (const orderId of ids.slice(0, 4)) await employee.makeline.setStatus({ orderId, status: 2 })
  for (const orderId of ids.slice(8, 20)) await employee.makeline.setStatus({ orderId, status: 2 })
  return { placed: ids.at(-2) ?? '', completed: ids[0] ?? '' }
}

/** A message that the makeline dead-letters. */
async function sendUnreadable({ ServiceBusConnection, OrdersQueue }: LocalCloud['settings']) {
  const client = new ServiceBusClient(ServiceBusConnection ?? '')
  await client.createSender(OrdersQueue ?? '').sendMessages({ messageId: randomUUID(), body: 'no order' })
  await client.close()
}
