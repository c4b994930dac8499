/**
 * A company's sign-in on the emulator of the Static Web Apps CLI, as far as that goes: it reads the configuration that is
 * written, goes to the tenant, and asks /api/roles. It hands over no groups, so nobody becomes an employee by them there:
 * that is left to Azure. Entra is a stand-in.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { writeSignIn } from '../../infra/signIn.ts'
import { choosePorts } from '../../local/cloud/ports.ts'
import { root } from '../../local/root.ts'
import { invoke } from '../invoke.ts'

const company = {
  ENTRA_CLIENT_ID: '44444444-4444-4444-8444-444444444444',
  ENTRA_TENANT_ID: '22222222-2222-4222-8222-222222222222',
  ADMIN_GROUPS: '55555555-5555-4555-8555-555555555555',
}
const issuer = `https://login.microsoftonline.com/${company.ENTRA_TENANT_ID}/v2.0`

let folder = ''
let url = ''
let emulator: ChildProcess
let groupRoles: typeof import('../../functions/platform/groupRoles.functions.ts').groupRoles
/** What `/api/roles` was asked and answered; an answer in its place. */
let asked: unknown
let answered: unknown
let instead: unknown

const entra = createServer((request, response) => {
  const path = request.url ?? ''
  const at = (end: string) =>
    `https://login.microsoftonline.com/${company.ENTRA_TENANT_ID}/oauth2/v2.0/${end}`
  const endpoints = { authorization_endpoint: at('authorize'), token_endpoint: at('token') }
  const answer = path.endsWith('/.well-known/openid-configuration')
    ? { issuer, ...endpoints, response_types_supported: ['code'], subject_types_supported: ['pairwise'] }
    : path.endsWith('/token')
      ? { access_token: 'token', token_type: 'Bearer' }
      : { sub: 'ada', name: 'Ada', email: 'ada@contoso.example' }
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
})

const api = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (request.url !== '/api/roles') return response.writeHead(404).end()
  asked = JSON.parse(Buffer.concat(chunks).toString())
  answered = instead ?? (await (await invoke(groupRoles, 'POST', { body: asked })).json())
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answered))
})

const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  vi.stubEnv('AUTH', 'swa')
  vi.stubEnv('ADMIN_GROUPS', company.ADMIN_GROUPS)
  vi.stubEnv('CosmosConnection__accountEndpoint', 'https://x.documents.azure.com/')
  vi.stubEnv('ServiceBusConnection__fullyQualifiedNamespace', 'x.servicebus.windows.net')
  vi.stubEnv('ImagesConnection__blobServiceUri', 'https://x.blob.core.windows.net')
  ;({ groupRoles } = await import('../../functions/platform/groupRoles.functions.ts'))

  folder = await mkdtemp(join(tmpdir(), 'company-sign-in-'))
  const dist = join(folder, 'dist')
  await cp(join(root, 'web-admin', 'staticwebapp.config.json'), join(folder, 'staticwebapp.config.json'))
  await cp(join(root, 'web-admin', 'index.html'), join(dist, 'index.html'))
  await writeSignIn(folder, company)
  await writeFile(join(dist, 'index.html'), '<!doctype html><title>The admin</title>')

  const port = (await choosePorts({})).admin
  url = `http://localhost:${port}`
  const server = createRequire(import.meta.url).resolve('@azure/static-web-apps-cli/package.json')
  emulator = spawn(
    process.execPath,
    [
      '--import',
      pathToFileURL(join(import.meta.dirname, 'entraStandIn.ts')).href,
      join(server, '..', 'dist', 'msha', 'server.js'),
    ],
    {
      env: {
        PATH: process.env.PATH,
        SWA_CLI_HOST: 'localhost',
        SWA_CLI_PORT: String(port),
        SWA_CLI_APP_SSL: 'false',
        SWA_CLI_OUTPUT_LOCATION: dist,
        SWA_RUNTIME_CONFIG_LOCATION: dist,
        SWA_CLI_API_LOCATION: `http://127.0.0.1:${await listen(api)}`,
        ENTRA_STAND_IN: String(await listen(entra)),
        ENTRA_CLIENT_ID: company.ENTRA_CLIENT_ID,
        ENTRA_CLIENT_SECRET: 'a secret',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  await vi.waitFor(() => fetch(`${url}/.auth/me`), { timeout: 50_000, interval: 200 })
}, 60_000)
afterAll(async () => {
  emulator?.kill()
  for (const server of [api, entra]) {
    server.closeAllConnections()
    server.close()
  }
  await rm(folder, { recursive: true, force: true })
})

/** Signs in; the cookies that a browser has afterwards. */
async function signIn(): Promise<{ tenant: URL; cookie: string }> {
  const begun = await fetch(`${url}/.auth/login/aad`, { redirect: 'manual' })
  const tenant = new URL(begun.headers.get('location') ?? '')
  const callback = `${url}/.auth/login/aad/callback?code=1&state=${tenant.searchParams.get('state')}`
  const done = await fetch(callback, { headers: { cookie: cookiesOf(begun) }, redirect: 'manual' })
  return { tenant, cookie: cookiesOf(done) }
}

const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')

test('whoever signs in is sent to the tenant, and is no employee without a group', async () => {
  instead = undefined
  const { tenant, cookie } = await signIn()
  expect(`${tenant.origin}${tenant.pathname}`).toBe(issuer.replace('/v2.0', '/oauth2/v2.0/authorize'))
  expect(tenant.searchParams.get('client_id')).toBe(company.ENTRA_CLIENT_ID)
  expect(asked).toMatchObject({ identityProvider: 'aad', claims: expect.any(Array) })
  expect(answered).toEqual({ roles: [] })
  const page = await fetch(url, { headers: { cookie }, redirect: 'manual' })
  // The emulator shows the sign-in also to those who lack the role; Azure shows them /forbidden.
  expect(page.status).toBe(302)
  const me = await (await fetch(`${url}/.auth/me`, { headers: { cookie } })).json()
  expect(me).toMatchObject({
    clientPrincipal: { userDetails: 'ada@contoso.example', userRoles: ['authenticated', 'anonymous'] },
  })
})

test('whom /api/roles calls an admin is let in', async () => {
  instead = { roles: ['admin'] }
  const { cookie } = await signIn()
  const page = await fetch(url, { headers: { cookie }, redirect: 'manual' })
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('The admin')])
})
