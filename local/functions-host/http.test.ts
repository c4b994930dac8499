/** What the real host answers over HTTP, row by row, asked of this one. */
import { once } from 'node:events'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FunctionsHost, startFunctionsHost } from './index.ts'

const appRoot = fileURLToPath(new URL('fixtures/everything', import.meta.url))
const lines: string[] = []
let host: FunctionsHost

beforeAll(async () => {
  host = await startFunctionsHost({
    appRoot,
    port: 0,
    settings: { 'AzureWebJobs.disabledOne.Disabled': 'true' },
    log: { write: (line) => void lines.push(line), coloured: false },
  })
})

afterAll(() => host?.close())

const get = (path: string, init?: RequestInit) => fetch(host.url + path, init)

describe('routes', () => {
  const rows: [path: string, fn: string, params: Record<string, string>][] = [
    ['/api/defaults', 'defaults', {}],
    ['/API/Defaults/', 'defaults', {}],
    ['/api/items/recent', 'literal', {}],
    ['/api/items/5', 'intItem', { id: '5' }],
    ['/api/items/-5', 'intItem', { id: '-5' }],
    ['/api/items/99999999999', 'anyItem', { id: '99999999999' }],
    ['/api/items/x', 'anyItem', { id: 'x' }],
    ['/api/items/%E2%82%AC%20', 'anyItem', { id: '€ ' }],
    ['/api/items/a%2Fb', 'anyItem', { id: 'a%2Fb' }],
    ['/api/optional/1', 'optional', { a: '1' }],
    ['/api/optional/1/2', 'optional', { a: '1', b: '2' }],
    ['/api/default', 'byDefault', { page: '1' }],
    ['/api/default/7', 'byDefault', { page: '7' }],
    ['/api/files', 'catchAll', {}],
    ['/api/files/a/b/c.txt', 'catchAll', { path: 'a/b/c.txt' }],
    ['/api/files/a/b/', 'catchAll', { path: 'a/b/' }],
    ['/api/files/https://example.org/x', 'catchAll', { path: 'https://example.org/x' }],
    ['/api/documents/read.me', 'mixedOptional', { name: 'read', extension: 'me' }],
    ['/api/documents/readme', 'mixedOptional', { name: 'readme' }],
    ['/api/days/2026-03-01', 'datetime', { day: '2026-03-01' }],
    ['/api/days/2026-03-01T10:30:00Z', 'datetime', { day: '2026-03-01T10:30:00Z' }],
    ['/api/days/12-31-2026', 'datetime', { day: '12-31-2026' }],
    ['/api/mixed/archive.tar.gz', 'mixed', { name: 'archive.tar', extension: 'gz' }],
    [
      '/api/guid/0e984725-c51c-4bf4-9960-e1c80e27aba0',
      'guid',
      { id: '0e984725-c51c-4bf4-9960-e1c80e27aba0' },
    ],
    ['/api/range/5', 'range', { n: '5' }],
    ['/api/regex/ab1', 'regex', { code: 'ab1' }],
  ]
  test.each(rows)('%s goes to %s with %j', async (path, fn, params) => {
    const response = await get(path)
    expect(await response.json()).toEqual({ function: fn, params })
  })

  const missing = [
    '/api',
    '/api/none',
    '/defaults',
    '/api/optional',
    '/api/items/1/2',
    '/api/default/x',
    '/api/guid/1',
    '/api/range/6',
    '/api/regex/a1',
    '/api//defaults',
    '/api/files//a',
    '/api/items//',
    '/api/documents/readme.',
    '/api/days/order-1',
    '/api/days/2026-02-30',
    '/api/mixed/noextension',
    '/api/disabled',
  ]
  test.each(missing)('%s is not found', async (path) => {
    const response = await get(path)
    expect([response.status, await response.text()]).toEqual([404, ''])
  })

  test.each([
    ['DELETE', '/api/items/3', 200],
    ['PUT', '/api/items/3', 404],
    ['POST', '/api/defaults', 200],
    ['PUT', '/api/defaults', 404],
    ['HEAD', '/api/head', 200],
    ['HEAD', '/api/defaults', 404],
    ['OPTIONS', '/api/defaults', 404],
  ])('%s %s answers %i', async (method, path, status) => {
    const response = await get(path, { method })
    expect(response.status).toBe(status)
  })

  test('says at start which routes Azure would serve differently', () => {
    const [first, ...rest] = host.warnings.toSorted()
    expect(first).toContain('"anyItem" (api/items/{id}) takes requests that belong to "intItem"')
    expect(rest).toHaveLength(1)
    expect(rest[0]).toContain('"literal" (api/items/recent)')
  })
})

describe('requests', () => {
  test('the function sees URL, query, headers and body', async () => {
    const response = await get('/api/echo?a=1&b=x%20y', {
      method: 'POST',
      headers: { 'x-test': 'one' },
      body: 'text €',
    })
    expect(await response.json()).toEqual({
      url: `${host.url}/api/echo?a=1&b=x%20y`,
      method: 'POST',
      query: { a: '1', b: 'x y' },
      header: 'one',
      body: 'text €',
    })
  })

  test('a repeated query parameter is joined by commas', async () => {
    const response = await get('/api/echo?a=1&a=2&__proto__=x')
    expect(await response.json()).toMatchObject({ query: { a: '1,2' } })
  })

  test('a body without Content-Length is not read, as in the real host', async () => {
    const body = new Blob(['chunked']).stream()
    const response = await get('/api/echo', { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(await response.json()).toMatchObject({ body: '' })
  })

  test('a body of ten megabytes arrives whole', async () => {
    const response = await get('/api/length', { method: 'POST', body: new Uint8Array(10_000_000) })
    expect(await response.text()).toBe('10000000')
  })

  test('a malformed Host header is a bad request', async () => {
    const call = request(`${host.url}/api/defaults`, { headers: { host: 'a b' } }).end()
    const [response] = await once(call, 'response')
    expect(response.statusCode).toBe(400)
    response.resume()
  })

  test('a trace parent is passed on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const response = await get('/api/context', { headers: { traceparent } })
    const context = (await response.json()) as { invocationId: string }
    expect(context).toMatchObject({ functionName: 'context', traceParent: traceparent })
    expect(context.invocationId).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('answers', () => {
  test('a function that returns nothing answers 204', async () => {
    const response = await get('/api/nothing')
    expect([response.status, await response.text()]).toEqual([204, ''])
  })

  test.each(['/api/throws', '/api/wrongAnswer'])('%s fails with 500 and no body', async (path) => {
    const response = await get(path)
    expect([response.status, await response.text()]).toEqual([500, ''])
  })

  test('the log names the failed function and its error', async () => {
    await get('/api/throws')
    expect(lines.join('')).toMatch(/throws error: Executed \(Failed, Id=.*\nError: on purpose/)
  })

  test('status, headers and text', async () => {
    const response = await get('/api/status')
    expect(response.status).toBe(418)
    expect(response.headers.get('x-custom')).toBe('yes')
    expect(await response.text()).toBe('teapot')
  })

  test('bytes', async () => {
    const response = await get('/api/bytes')
    expect(response.headers.get('content-type')).toBe('application/x-test')
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255, 1]))
  })

  test('cookies', async () => {
    const response = await get('/api/cookies')
    expect(response.headers.getSetCookie()).toEqual([
      'a=1%202; max-age=60; path=/; samesite=strict; httponly',
      // One that names no path is for the whole site.
      'b=2; path=/; secure',
    ])
  })
})

/** What Kestrel, the real host's web server, does with requests; as seen beside it. */
describe('headers and addresses', () => {
  /** Sends what `fetch` would mend on its way. */
  async function raw(options: {
    path: string
    method?: string
    headers?: Record<string, string | string[]>
  }) {
    const call = request({ host: 'localhost', port: host.port, ...options })
    call.end()
    const [response] = await once(call, 'response')
    let body = ''
    for await (const chunk of response) body += chunk
    return { status: response.statusCode as number, headers: response.headers, body }
  }
  const echoed = async (value: string | string[]) =>
    JSON.parse((await raw({ path: '/api/echo', headers: { 'x-test': value } })).body).header

  test('a header is UTF-8', async () => {
    expect(await echoed(Buffer.from('Zoë').toString('latin1'))).toBe('Zoë')
    expect(
      (await raw({ path: '/api/echo', headers: { 'x-test': Buffer.from('€').toString('latin1') } })).status,
    ).toBe(200)
  })

  test('lines of one name are joined by a comma', async () => {
    expect(await echoed(['a', 'b'])).toMatch(/^a, ?b$/)
  })

  test('a header may have 31 KB, and not 33', async () => {
    expect((await get('/api/status', { headers: { 'x-test': 'x'.repeat(31_000) } })).status).toBe(418)
    expect((await get('/api/status', { headers: { 'x-test': 'x'.repeat(33_000) } })).status).toBe(431)
  })

  test('an idle connection is kept for longer than most clients keep it', async () => {
    const { headers } = await raw({ path: '/api/status', headers: { connection: 'keep-alive' } })
    expect(headers['keep-alive']).toBe('timeout=130')
  })

  test.each([
    ['/api/files/a%00b', 400, undefined],
    ['/api/files/a#b', 200, 'a#b'],
    ['/api/files/a\\b', 200, 'a\\b'],
  ])('%j answers %d', async (path, status, parameter) => {
    const answer = await raw({ path })
    expect(answer.status).toBe(status)
    if (parameter) expect(JSON.parse(answer.body).params).toEqual({ path: parameter })
  })

  test.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])('%s / is the home page', async (method) => {
    expect((await raw({ path: '/', method })).status).toBe(200)
  })

  test.each([
    ['GET', 200],
    ['POST', 200],
    ['HEAD', 404],
    ['PUT', 404],
  ])('%s /admin/host/ping answers %d', async (method, status) => {
    const answer = await raw({ path: '/admin/host/ping', method })
    expect(answer.status).toBe(status)
    if (status === 200) expect(answer.headers['cache-control']).toBe('no-store')
  })
})

describe("the host's own pages", () => {
  test('home page', async () => {
    expect((await get('/')).status).toBe(200)
  })

  test('status', async () => {
    expect(await (await get('/admin/host/status')).json()).toMatchObject({
      state: 'Running',
      version: expect.stringMatching(/^4\./),
    })
  })

  test('list of functions', async () => {
    const functions = await (await get('/admin/functions')).json()
    expect(functions).toContainEqual(
      expect.objectContaining({ name: 'literal', invoke_url_template: `${host.url}/api/items/recent` }),
    )
    expect(functions).toContainEqual(expect.objectContaining({ name: 'disabledOne', isDisabled: true }))
  })
})
