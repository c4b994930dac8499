/** Who may enter the admin, and by which door. */
import { describe, expect, inject, test } from 'vitest'
import { accessibilityFaults, useBrowser, type Viewport } from '../harness/browser.ts'

const { admin } = inject('cloud').urls
const open = useBrowser()

describe.each<Viewport>(['desktop', 'phone'])('on a %s', (viewport) => {
  test('an employee signs in, comes to the page that was asked for, and signs out', async () => {
    const page = await open(`${admin}/products?search=squid`, { viewport })
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])

    await page.getByRole('link', { name: 'Sign in with Microsoft' }).click()
    await page.getByLabel('Username').fill('marina@contoso.example')
    await page.getByLabel('Roles').fill('admin')
    await page.getByRole('button', { name: 'Login' }).click()

    await page.getByRole('heading', { name: 'Products' }).waitFor()
    expect(page.url()).toBe(`${admin}/products?search=squid`)
    await page.getByText('marina@contoso.example').waitFor()
    await page.getByRole('link', { name: 'Orders', exact: true }).click()
    await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor()
    expect(await page.title()).toBe('Contoso Pet Store Admin Portal')

    await page.getByRole('link', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in with Microsoft' }).waitFor()
    expect((await page.request.get(`${admin}/api/makeline/order/fetch`, { maxRedirects: 0 })).status()).toBe(
      302,
    )
  })

  test('someone without the role is told so, and sees nothing', async () => {
    const page = await open(`${admin}/orders`, { viewport, roles: ['cook'] })
    await page.getByText('does not have the role admin').waitFor()
    expect(await page.getByRole('navigation').count()).toBe(0)
    expect(await accessibilityFaults(page)).toEqual([])
  })
})

test('pages come with a policy that lets no foreign or inline script run, and hashed files may be kept', async () => {
  const page = await open(`${admin}/sign-in`)
  const document = await page.request.get(`${admin}/sign-in`)
  const policy = document.headers()['content-security-policy']
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("default-src 'self'")
  expect(policy).not.toContain('unsafe')
  expect(document.headers()['cache-control']).toBe('no-cache')

  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await document.text())?.[1]
  const asset = await page.request.get(`${admin}${script}`)
  expect(asset.headers()['cache-control']).toContain('immutable')
})

test('a session that ends in the middle of work takes nothing away', async () => {
  const page = await open(`${admin}/products/new`, { roles: ['admin'], expected: /401|302|redirect/i })
  await page.getByLabel('Name').fill('Half a product')
  await page.context().clearCookies()
  await page.getByLabel('Price').fill('1')
  await page.getByLabel('Description').fill('Not saved yet')
  await page.getByRole('button', { name: 'Save Product' }).click()
  await page.getByText('Your session has ended.').first().waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('Half a product')
})

test.each([
  'https://elsewhere.example/',
  '//elsewhere.example/',
  '/\\elsewhere.example/',
  'javascript:alert(1)',
])('after the sign-in nobody is sent to %s', async (address) => {
  const page = await open(`${admin}/sign-in?post_login_redirect_uri=${encodeURIComponent(address)}`)
  const link = page.getByRole('link', { name: 'Sign in with Microsoft' })
  expect(await link.getAttribute('href')).toBe('/.auth/login/aad?post_login_redirect_uri=%2Forders')
})
