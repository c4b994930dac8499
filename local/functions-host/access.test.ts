/** Keys and cross-origin calls: who may call a function. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FunctionsHost, startFunctionsHost } from './index.ts'

const fixture = fileURLToPath(new URL('fixtures/everything', import.meta.url))
let appRoot: string
let host: FunctionsHost

beforeAll(async () => {
  appRoot = await mkdtemp(join(dirname(fixture), 'tmp-'))
  await cp(fixture, appRoot, { recursive: true })
  await writeFile(
    join(appRoot, 'local.settings.json'),
    JSON.stringify({ Host: { CORS: 'http://localhost:4280,https://example.org/' } }),
  )
  host = await start()
})

afterAll(async () => {
  await host?.close()
  if (appRoot) await rm(appRoot, { recursive: true })
})

const start = (options: { port?: number } = { port: 0 }) =>
  startFunctionsHost({
    appRoot,
    ...options,
    enableAuth: true,
    keysFolder: join(appRoot, 'keys'),
    log: { write() {}, coloured: false },
  })

describe('function keys', () => {
  const status = async (path: string, key?: string) =>
    (await fetch(`${host.url}${path}`, key ? { headers: { 'x-functions-key': key } } : {})).status

  test('guard functions of level function and admin, and no others', async () => {
    const { masterKey = '', defaultKey = '' } = host.keys ?? {}
    expect(await status('/api/nothing')).toBe(204)
    expect(await status('/api/keyed')).toBe(401)
    expect(await status('/api/keyed', 'wrong')).toBe(401)
    expect(await status('/api/keyed', defaultKey)).toBe(200)
    expect(await status(`/api/keyed?code=${defaultKey}`)).toBe(200)
    expect(await status('/api/keyed', masterKey)).toBe(200)
    expect(await status('/api/master-only', defaultKey)).toBe(401)
    expect(await status('/api/master-only', masterKey)).toBe(200)
    expect(await status('/admin/host/status')).toBe(401)
    expect(await status('/admin/host/status', masterKey)).toBe(200)
    expect(await status('/admin/host/ping')).toBe(200)
  })

  test("a function's own key opens that function only; keys outlive the host", async () => {
    const { defaultKey } = host.keys ?? {}
    await writeFile(
      join(appRoot, 'keys', 'keyed.json'),
      JSON.stringify({ keys: [{ name: 'mine', value: 'my-own-key' }] }),
    )
    await host.close()
    host = await start()
    expect(host.keys?.defaultKey).toBe(defaultKey)
    expect(await status('/api/keyed', 'my-own-key')).toBe(200)
    expect(await status('/api/master-only', 'my-own-key')).toBe(401)
  })
})

describe('CORS of local.settings.json', () => {
  const call = (origin: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(`${host.url}/api/nothing`, { ...init, headers: { ...init.headers, origin } })

  test.each([
    ['http://localhost:4280', 'http://localhost:4280'],
    ['https://example.org', 'https://example.org'],
    ['https://evil.example', null],
  ])('a call from %s is allowed as %s', async (origin, allowed) => {
    const response = await call(origin)
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed)
  })

  test('a preflight is answered by the host', async () => {
    const response = await call('http://localhost:4280', {
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-a,x-b' },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toBe('PUT')
    expect(response.headers.get('access-control-allow-headers')).toBe('x-a,x-b')
  })

  test('a failed call still carries the headers that let the page see its status', async () => {
    const response = await fetch(`${host.url}/api/throws`, { headers: { origin: 'http://localhost:4280' } })
    expect(response.status).toBe(500)
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:4280')
  })

  test('credentials are allowed where the file says so, which may name the port, too', async () => {
    await host.close()
    const settings = { Host: { CORS: '*', CORSCredentials: true, LocalHttpPort: host.port } }
    await writeFile(join(appRoot, 'local.settings.json'), JSON.stringify(settings))
    const { port } = host
    host = await start({})
    expect(host.port).toBe(port)
    const { headers } = await call('https://anywhere.example')
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    // With credentials a browser does not take the asterisk for an answer.
    expect(headers.get('access-control-allow-origin')).toBe('https://anywhere.example')
  })
})
