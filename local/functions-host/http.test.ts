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
    ['/api/items/%ff%41%zz', 'anyItem', { id: '%ffA%zz' }],
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
    const response = await get('/api/echo?a=1&a=2')
    expect(await response.json()).toMatchObject({ query: { a: '1,2' } })
  })

  // As seen beside the real host; ASP.NET's `QueryStringEnumerable` and `Uri.UnescapeDataString` say why.
  test.each([
    ['?Page=1&page=2&PAGE=3', [['Page', '1,2,3']]],
    [
      '?a=%zz&b=%ff%41&c=%E2%82%AC+%2B',
      [
        ['a', '%zz'],
        ['b', '%ffA'],
        ['c', '€ +'],
      ],
    ],
    [
      '?a&b=&=c&&d=1=2',
      [
        ['a', ''],
        ['b', ''],
        ['', 'c'],
        ['d', '1=2'],
      ],
    ],
    ['?__proto__=x&constructor=y', [['constructor', 'y']]],
  ])('query %s', async (query, read) => {
    const response = await get(`/api/address/x${query}`)
    expect(await response.json()).toMatchObject({ query: read, params: { path: 'x' } })
  })

  // `PathString.ToUriComponent` of what Kestrel decoded.
  test.each([
    ['/api/address/%41', '/api/address/A'],
    ['/api/address/a%2fb%20c', '/api/address/a%2fb%20c'],
    ['/api/address/%ff', '/api/address/%ff'],
    ['/api/address/%zz', '/api/address/%25zz'],
    ['/api/address/a|b', '/api/address/a%7Cb'],
    ['/api/address/%C3%A9?q=%41|', '/api/address/%C3%A9?q=%41|'],
  ])('the address %s is %s', async (sent, seen) => {
    expect(await (await get(sent)).json()).toMatchObject({ url: host.url + seen })
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

  test.each([
    ['a b', 400, 'malformed'],
    ['', 500, 'The Host header is empty.'],
  ])('a Host header of %j answers %d, and the log says why', async (name, status, why) => {
    const call = request(`${host.url}/api/defaults`, { headers: { host: name }, setHost: false }).end()
    const [response] = await once(call, 'response')
    expect([response.statusCode, response.headers['content-length']]).toEqual([status, '0'])
    response.resume()
    expect(lines.at(-1)).toContain(why)
  })

  test('a trace parent is passed on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const response = await get('/api/context', { headers: { traceparent } })
    const context = (await response.json()) as { invocationId: string }
    expect(context).toMatchObject({
      functionName: 'context',
      trace: { traceParent: traceparent, traceState: '', attributes: {} },
    })
    expect(context.invocationId).toMatch(/^[0-9a-f-]{36}$/)
  })

  // The real host's `GetRpcTraceContext`: empty texts where there is no activity.
  test('without a trace parent and Application Insights there is no trace', async () => {
    const response = await get('/api/context')
    expect(await response.json()).toMatchObject({
      trace: { traceParent: '', traceState: '', attributes: {} },
    })
  })

  // What .NET's parsers take for no culture in particular (documentation of `NumberStyles`, `Boolean.TryParse`,
  // `Guid.TryParse`, `DateTime.TryParse`), as ASP.NET's constraints call them.
  test.each([
    ['int', [' 5', '5 ', '+5', '-2147483648'], ['2147483648', '1,000', '5.0', '5x', '']],
    ['long', ['9223372036854775807'], ['9223372036854775808']],
    ['bool', ['true', ' False '], ['1', 'yes']],
    ['decimal', ['1,5', '1,000.25', '5-', ' .5', '1.'], ['1e3', ',5', '1.5,5', 'NaN', '9'.repeat(30)]],
    ['double', ['1,5', '1e3', '-Infinity', 'NaN', ' .5 '], ['5-', 'e3', '1.5,5']],
    [
      'guid',
      ['0e984725c51c4bf49960e1c80e27aba0', '(0e984725-c51c-4bf4-9960-e1c80e27aba0)'],
      [
        '(0e984725-c51c-4bf4-9960-e1c80e27aba0',
        '{0e984725-c51c-4bf4-9960-e1c80e27aba0)',
        '0e984725-c51c4bf49960e1c80e27aba0',
      ],
    ],
    [
      'datetime',
      [
        '10:00',
        '10:00:30.5',
        '10 AM',
        '2026-03',
        '1 Mar 2026',
        'March 1, 2026',
        '2026-03-01 10:30 PM',
        ' 2026-03-01',
      ],
      ['25:00', '10:61', '13 PM', '30 Feb 2026', '1 Mai 2026', '5'],
    ],
    ['min5', ['5', ' +7'], ['4', '5.5']],
  ])('{value:%s}', async (kind, fitting, others) => {
    const statusOf = async (value: string) =>
      (await get(`/api/fits/${kind}/${encodeURIComponent(value)}`)).status
    for (const value of fitting) expect([value, await statusOf(value)]).toEqual([value, 200])
    for (const value of others) expect([value, await statusOf(value)]).toEqual([value, 404])
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

/**
 * What a function must not answer. `HttpResponseHeaders` and `HttpProtocol` of ASP.NET Core's Kestrel and
 * `SetCookieHeaderValue` refuse it, and so did the real host.
 */
describe('answers that are none', () => {
  const answered = (answer: object) => get('/api/answers', { method: 'POST', body: JSON.stringify(answer) })

  test.each([
    ['a Location that is not ASCII', { headers: { location: '/zoë' } }, 'Header "location" of the answer'],
    ['any header that is not ASCII', { headers: { 'x-name': 'Zoë' } }, 'Header "x-name" of the answer'],
    ['a cookie whose name has a space', { cookies: [{ name: 'a b', value: '1' }] }, '"a b"'],
    ['more bytes than it announces', { headers: { 'content-length': '4' } }, 'more bytes (5)'],
  ])('%s: 500, and the log says why', async (_, answer, why) => {
    const response = await answered(answer)
    expect([response.status, await response.text()]).toEqual([500, ''])
    expect(lines.at(-1)).toContain(why)
  })

  test.each([
    ['fewer bytes than it announces', { 'content-length': '6' }, 'fewer bytes (5)'],
    ['chunks that it does not make', { 'transfer-encoding': 'chunked' }, 'transfer-encoding'],
  ])('%s: no client can read it, and the log says why', async (_, headers, why) => {
    await expect(answered({ headers }).then((response) => response.text())).rejects.toThrow()
    expect(lines.at(-1)).toContain(why)
    expect((await get('/api/status')).status).toBe(418)
  })

  test('the right length, and one of an answer without a body, are sent', async () => {
    expect((await answered({ headers: { 'content-length': '5' } })).headers.get('content-length')).toBe('5')
    const response = await answered({ status: 304, headers: { 'content-length': '500' } })
    expect([response.status, response.headers.get('content-length')]).toEqual([304, '500'])
  })

  test('a cookie is encoded as .NET does', async () => {
    const response = await answered({ cookies: [{ name: "a!'", value: "1 !'()*é" }] })
    expect(response.headers.getSetCookie()).toEqual(["a!'=1%20%21%27%28%29%2A%C3%A9; path=/"])
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

// As Application Insights has it: what throws has failed, and what answers with a 5xx.
test('runs that threw and those that answered with a 5xx are counted as failed, others are not', async () => {
  const countsOf = async (name: string) => {
    const functions = (await (await get('/admin/local/functions')).json()) as {
      name: string
      invocations: number
      failures: number
      lastBegan: string | null
    }[]
    return functions.find((fn) => fn.name === name) ?? { invocations: 0, failures: 0, lastBegan: null }
  }
  const answers = (status: number) =>
    get('/api/answers', { method: 'POST', body: JSON.stringify({ status }) })
  for (const [name, call, failed] of [
    ['throws', () => get('/api/throws'), 1],
    ['answers', () => answers(503), 1],
    ['answers', () => answers(404), 0],
    ['status', () => get('/api/status'), 0],
  ] as const) {
    const before = await countsOf(name)
    const began = Date.now()
    await (await call()).text()
    const after = await countsOf(name)
    expect([after.invocations - before.invocations, after.failures - before.failures]).toEqual([1, failed])
    expect(Date.parse(after.lastBegan ?? '')).toBeGreaterThanOrEqual(began)
  }
})
