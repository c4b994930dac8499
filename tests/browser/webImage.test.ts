/**
 * The web image in a real nginx: it answers as Static Web Apps' emulator does, and the admin signs employees in with a
 * real OpenID provider.
 */
import { readdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { renderProfile } from '../../infra/kubernetes/profiles.ts'
import { findTool } from '../../infra/kubernetes/tools.ts'
import { type LocalCloud, startLocalCloud } from '../../local/cloud/cloud.ts'
import { choosePorts } from '../../local/cloud/ports.ts'
import { root } from '../../local/root.ts'
import { useBrowser } from '../harness/browser.ts'
import { principalHeader } from '../harness/clients.ts'
import { findNginx, startWebImage, type WebImage, type WebImageSettings } from '../harness/nginx.ts'
import { audience, clientId, type OpenIdProvider, startOpenIdProvider } from '../harness/openIdProvider.ts'
import { type SplitProvider, startSplitProvider } from '../harness/splitProvider.ts'
import { until } from '../harness/until.ts'

const cloud = inject('cloud')
const nginx = await findNginx()
const helm = findTool('helm')
if (!helm) console.log('Skipped: the test of a provider on two origins needs helm on the PATH.')
const open = useBrowser()
/** The provider's own pages ask for a font from a network that is not there. */
const expected = /fonts\.googleapis/
let host: LocalCloud
let provider: OpenIdProvider
let web: WebImage

describe.skipIf(!nginx)('the web image', () => {
  beforeAll(async () => {
    const { store, admin } = await choosePorts({})
    const app = `http://127.0.0.1:${admin}`
    // A token is renewed when it is good for half a minute more: here that is a second after each sign-in.
    provider = await startOpenIdProvider(app, 31)
    host = await startHost(provider)
    web = await startWebImage(
      { store, admin },
      {
        STORE_API: host.urls.api,
        ADMIN_API: host.urls.api,
        OPENID_ORIGINS: provider.issuer,
        OPENID_UPSTREAM: provider.issuer,
        OPENID_CONNECT: JSON.stringify({
          authority: provider.issuer,
          clientId,
          scope: 'openid profile offline_access',
          resource: audience,
          rolesClaim: 'roles',
        }),
      },
    )
  })
  afterAll(async () => {
    await web?.stop()
    await host?.stop()
    await provider?.stop()
  })

  // What the two cannot have in common: dates and tags of files, how bytes travel, and what only the emulator adds.
  const unlike = new Set(
    'date etag last-modified connection keep-alive content-length transfer-encoding server accept-ranges content-encoding vary x-dns-prefetch-control x-xss-protection contenttype traceparent x-request-id x-ms-invocation-id'.split(
      ' ',
    ),
  )
  const answerOf = async (base: string, path: string, method: string) => {
    const cookie = `StaticWebAppsAuthCookie=${principalHeader(['admin'])}`
    const response = await fetch(base + path, { method, redirect: 'manual', headers: { cookie } })
    const body = await response.text()
    const headers = Object.fromEntries([...response.headers].filter(([name]) => !unlike.has(name)))
    // One list of media types says text/javascript (RFC 9239), the other still application/javascript.
    const type = headers['content-type']?.replace('application/javascript', 'text/javascript')
    if (type) headers['content-type'] = type
    // The only difference that is meant: the admin may talk to the provider.
    const policy = headers['content-security-policy']
    if (policy)
      headers['content-security-policy'] = policy.replace(
        `connect-src 'self' ${provider.issuer};`,
        "connect-src 'self';",
      )
    // Pages about failures are each server's own.
    return { status: response.status, ...(response.ok ? { headers, body } : {}) }
  }

  const pages =
    '/ /index.html /orders /order/abc /products /product/1 /cart /dashboard /sign-in /forbidden /a/b/c /none.png'
  const missing = '/images/none.svg /assets/none.js /none.json /none.txt /.well-known/x /.auth/none /assets/'
  const files =
    '/robots.txt /favicon.svg /sw.js /manifest.webmanifest /staticwebapp.config.json /images/none.svg'
  // Only of what no other test of this database changes: a catalogue in between is no difference between servers.
  const calls = '/api/products/1 /api/products/0 /api/none /api/products?q=squid'
  test.each(['store', 'admin'] as const)('%s: page for page what the emulator answers', async (app) => {
    const code = readdirSync(`${root}/web-${app}/dist/assets`).map((name) => `/assets/${name}`)
    for (const path of [...`${pages} ${missing} ${files} ${calls}`.split(' '), ...code])
      for (const method of ['GET', 'HEAD'])
        expect(await answerOf(web.urls[app], path, method), `${method} ${path}`).toEqual(
          await answerOf(cloud.urls[app], path, method),
        )
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      expect((await answerOf(web.urls[app], '/', method)).status).toBe(405)
  })

  test('code and pages come compressed, and a missing file is not kept as missing', async () => {
    const page = await fetch(web.urls.store, { headers: { 'accept-encoding': 'gzip' } })
    expect(page.headers.get('content-encoding')).toBe('gzip')
    expect(page.headers.get('vary')).toMatch(/accept-encoding/i)
    const missing = await fetch(`${web.urls.store}/assets/gone.js`)
    expect([missing.status, missing.headers.get('cache-control')]).toEqual([404, null])
  })

  test('an employee signs in, completes an order, goes on with a renewed token, and signs out', async () => {
    const store = await open(web.urls.store)
    await store.locator('.product-card').nth(1).getByRole('button', { name: 'Add to Cart' }).click()
    await store.getByRole('link', { name: 'Cart (1)' }).click()
    await store.getByRole('button', { name: /Checkout/ }).click()
    await store.waitForURL(/\/order\/[\w-]+$/)
    const orderId = new URL(store.url()).pathname.split('/').pop()

    const admin = await open(`${web.urls.admin}/order/${orderId}`, { expected })
    await signIn(admin, 'captain')
    await admin.waitForURL(new RegExp(`/order/${orderId}$`))
    await admin.getByText('captain', { exact: true }).waitFor()

    const before = provider.renewals()
    await until('the token was renewed', () => provider.renewals() > before)
    await admin.getByRole('button', { name: 'Complete Order' }).click()
    await store.locator('main .badge', { hasText: 'Complete' }).waitFor()

    await admin.getByRole('link', { name: 'Sign out' }).click()
    await admin.getByRole('button', { name: /yes/i }).click()
    await admin.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    await admin.goto(`${web.urls.admin}/orders`)
    await admin.waitForURL(/\/sign-in/)
  })

  // The provider gives a new refresh token with each renewal, and ends the session of whoever uses an old one.
  test('two tabs renew the one session in turn', async () => {
    const first = await open(`${web.urls.admin}/orders`, { expected })
    await signIn(first, 'captain')
    await first.waitForURL(/\/orders$/)
    const answers: number[] = []
    // Slowly, so that both tabs want to renew while one does.
    await first.context().route(`${provider.issuer}/token`, async (route) => {
      const response = await route.fetch()
      answers.push(response.status())
      await new Promise((resolve) => setTimeout(resolve, 500))
      // A page that is closed meanwhile wants no answer any more.
      await route.fulfill({ response }).catch(() => {})
    })
    const second = await first.context().newPage()
    await second.goto(`${web.urls.admin}/orders`)

    const visit = (name: string) =>
      Promise.all([first, second].map((page) => page.getByRole('link', { name, exact: true }).click()))
    await until('the token was renewed some times', async () => {
      await visit('Products')
      await visit('Orders')
      return answers.length >= 4
    })
    expect(answers.filter((status) => status !== 200)).toEqual([])
    for (const page of [first, second]) await page.getByText('captain', { exact: true }).waitFor()
  })

  test('whoever lacks the role admin is told so', async () => {
    const admin = await open(web.urls.admin, { expected })
    await signIn(admin, 'deckhand')
    await admin.getByText('deckhand does not have the role').waitFor()
  })

  test('tokens that are forged, expired, for another API or of another issuer are refused', async () => {
    const ask = async (token?: string) => {
      const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
      return (await fetch(`${web.urls.admin}/api/makeline/orders`, { headers })).status
    }
    expect(await ask(await provider.sign({}))).toBe(200)
    expect(await ask(await provider.sign({ roles: [] }))).toBe(403)
    expect(await ask()).toBe(401)
    expect(await ask(await provider.sign({}, { forged: true }))).toBe(401)
    expect(await ask(await provider.sign({ aud: 'https://other.example/api' }))).toBe(401)
    expect(await ask(await provider.sign({ iss: 'https://other.example' }))).toBe(401)
    expect(await ask(await provider.sign({ exp: Math.floor(Date.now() / 1000) - 60 }))).toBe(401)
    // The header by which Static Web Apps says who calls means nothing here, and goes no further than nginx.
    const header = { 'x-ms-client-principal': principalHeader(['admin']) }
    expect((await fetch(`${web.urls.admin}/api/makeline/orders`, { headers: header })).status).toBe(401)
  })
})

// Google, and many a company's own domain in front of a provider: the pages are at the issuer, tokens and keys elsewhere.
describe.skipIf(!nginx || !helm)('a provider whose tokens come from another origin than its pages', () => {
  let split: SplitProvider
  let api: LocalCloud
  let image: WebImage
  beforeAll(async () => {
    const { store, admin } = await choosePorts({})
    split = await startSplitProvider(`http://127.0.0.1:${admin}`)
    api = await startHost(split)
    const { issuer, jwksUri } = split
    const signIn = { issuer, jwksUri, audience, clientId, resource: audience, otherOrigins: [split.tokens] }
    const rendered = renderProfile('aks', { signIn })
    const web = rendered.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'web')
    const settings = web?.data as WebImageSettings
    image = await startWebImage(
      { store, admin },
      { ...settings, STORE_API: api.urls.api, ADMIN_API: api.urls.api },
    )
  })
  afterAll(async () => {
    await image?.stop()
    await api?.stop()
    await split?.stop()
  })

  test('signs employees in, where the chart names that origin', async () => {
    const admin = await open(`${image.urls.admin}/orders`, { expected })
    // The API takes such a token, and fetches the key to it at the other origin, too.
    const orders = admin.waitForResponse(
      (answer) => answer.url().includes('/api/makeline/') && answer.status() === 200,
    )
    await signIn(admin, 'captain')
    await admin.waitForURL(/\/orders$/)
    await admin.getByText('captain', { exact: true }).waitFor()
    await orders
    expect(split.served()).toEqual(expect.arrayContaining(['POST /token', 'GET /jwks']))
  })
})

/** The function app as a cluster has it: it takes the tokens of a provider. */
function startHost({ issuer, jwksUri }: { issuer: string; jwksUri: string }): Promise<LocalCloud> {
  const { CosmosConnection, ServiceBusConnection, AzureWebJobsStorage } = cloud.settings
  return startLocalCloud({
    parts: ['host'],
    settings: {
      CosmosConnection: String(CosmosConnection),
      ServiceBusConnection: String(ServiceBusConnection),
      AzureWebJobsStorage: String(AzureWebJobsStorage),
      ROLES: 'store,admin',
      AUTH: 'jwt',
      AUTH_ISSUER: issuer,
      AUTH_AUDIENCE: audience,
      AUTH_JWKS_URI: jwksUri,
    },
  })
}

/** Signs in at the provider's own pages, from the admin's. */
async function signIn(page: Page, name: string) {
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.locator('input[name=login]').fill(name)
  await page.locator('input[name=password]').fill('any')
  await page.getByRole('button', { name: /sign-in/i }).click()
  await page.getByRole('button', { name: /continue/i }).click()
}
