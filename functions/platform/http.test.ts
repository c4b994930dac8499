import { HttpRequest, InvocationContext } from '@azure/functions'
import type { Problem } from '@store/contract'
import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { invoke } from '../../tests/invoke.ts'
import { adminOnly, open, precondition, readBody, readQuery, tagged, unknownRoute } from './http.ts'
import { ProblemError, unavailable } from './problem.ts'

vi.hoisted(() =>
  Object.assign(process.env, {
    AUTH: 'swa',
    CosmosConnection: 'AccountEndpoint=http://localhost:8081/;AccountKey=a2V5',
    ServiceBusConnection: 'Endpoint=sb://localhost;SharedAccessKeyName=n;SharedAccessKey=k',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    TRUSTED_ORIGINS: 'https://partner.example, http://localhost:9000',
  }),
)

const trace = '0af7651916cd43dd8448eb211c80319c'
const bodyOf = async (answer: Response) => (await answer.json()) as Problem & { may?: boolean }
const answering = open(async () => ({ jsonBody: { ok: true } }))

test('an answer is data that no browser sniffs, frames, runs or tells others of, and has an id', async () => {
  const { headers } = await invoke(answering, 'GET')
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-cache',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.stringMatching(/./),
  })
})

test('an answer goes on with the trace of its request', async () => {
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` }
  const answer = (await invoke(answering, 'GET', { headers })).headers.get('traceparent')
  expect(answer).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`))
  expect(answer).not.toBe(headers.traceparent)
})

test.each([undefined, 'nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`])(
  'a request with the trace %j begins one, which is recorded',
  async (traceparent) => {
    const { headers } = await invoke(answering, 'GET', { headers: traceparent ? { traceparent } : {} })
    expect(headers.get('traceparent')).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  },
)

test('whatever goes wrong inside is told as that, and no more', async () => {
  const failing = open(async () => {
    throw new TypeError('secret at /srv/app.ts:1:2')
  })
  const answer = await invoke(failing, 'GET')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'application/problem+json'])
  expect(await answer.text()).not.toMatch(/secret|srv|TypeError/)
})

// Sec-Fetch-Site: W3C Fetch Metadata. x-ms-original-url: what Static Web Apps says was asked of it.
describe('a change', () => {
  const own = { host: 'app.azurewebsites.net', 'x-ms-original-url': 'https://shop.example/api/x' }
  const status = async (headers: Record<string, string>, method: 'GET' | 'POST' = 'POST') =>
    (await invoke(answering, method, { headers: { ...own, ...headers } })).status

  test.each([
    [{}],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://shop.example' }],
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ origin: 'https://shop.example' }],
    [{ origin: 'https://app.azurewebsites.net' }],
    [{ origin: 'https://front.example', 'x-forwarded-host': 'front.example' }],
    [{ origin: 'https://partner.example', 'sec-fetch-site': 'cross-site' }],
    [{ origin: 'http://localhost:9000', 'sec-fetch-site': 'same-site' }],
    [{ 'content-type': 'application/json' }],
  ] as Record<string, string>[][])('with %j is taken', async (headers) => {
    expect(await status(headers ?? {})).toBe(200)
  })

  test.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://other.shop.example' }, 403],
    // A page of the same name without TLS, which whoever owns the network can write.
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://shop.example' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: 'http://shop.example' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'null' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'https://shop.example.evil.example' }, 403],
    [{ origin: 'https://shop.example:444' }, 403],
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'Text/Plain; charset=utf-8' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 415],
  ] as [Record<string, string>, number][])('with %j is refused with %i', async (headers, refused) => {
    expect(await status(headers)).toBe(refused)
    expect(await status(headers, 'GET')).toBe(200)
  })
})

describe('a body', () => {
  const schema = z.object({ name: z.string(), 'a/b~c': z.array(z.int()).optional() })
  const reading = open(async (request) => ({ jsonBody: await readBody(request, schema, 64) }))
  const send = (body: unknown, headers = {}) => invoke(reading, 'POST', { body, headers })
  const bytes = (text: string) => new TextEncoder().encode(text)

  test.each(['application/json', 'Application/JSON ; charset=utf-8', 'application/merge-patch+json'])(
    'of the type %s is read',
    async (type) => {
      const answer = await send(bytes('{"name":"Rope"}'), { 'content-type': type })
      expect([answer.status, await answer.json()]).toEqual([200, { name: 'Rope' }])
    },
  )

  test.each(['application/xml', 'application/jsonx', 'json', ''])('of the type %j is not', async (type) => {
    expect((await send(bytes('{"name":"Rope"}'), { 'content-type': type })).status).toBe(415)
  })

  test('may have so many bytes and no more, whatever length it claims', async () => {
    const of = (length: number) => bytes(`{"name":"${'x'.repeat(length - 11)}"}`)
    const json = { 'content-type': 'application/json' }
    expect((await send(of(64), { ...json, 'content-length': '64' })).status).toBe(200)
    const refused = await send(of(65), json)
    expect([refused.status, (await bodyOf(refused)).detail]).toEqual([
      413,
      'The body must not be larger than 64 bytes.',
    ])
    expect((await send(of(20), { ...json, 'content-length': '65' })).status).toBe(413)
  })

  test.each([
    ['{', [{ pointer: '', detail: 'is not JSON' }]],
    ['', [{ pointer: '', detail: 'is not JSON' }]],
    ['{}', [{ pointer: '/name', detail: 'is missing' }]],
    ['{"name":"x","a/b~c":[1,"2"]}', [{ pointer: '/a~1b~0c/1', detail: expect.stringContaining('number') }]],
  ])('that is %j is refused with its place', async (text, errors) => {
    const answer = await send(bytes(text), { 'content-type': 'application/json' })
    expect([answer.status, (await bodyOf(answer)).errors]).toEqual([400, errors])
  })

  test('in another encoding than UTF-8 is refused, and of many faults the first fifty are named', async () => {
    const json = { 'content-type': 'application/json' }
    const latin = new Uint8Array([...bytes('{"name":"'), 0xe9, ...bytes('"}')])
    expect((await send(latin, json)).status).toBe(400)
    const many = open(async (request) => ({ jsonBody: await readBody(request, z.array(z.int())) }))
    const answer = await invoke(many, 'POST', { body: Array(60).fill('x') })
    expect((await bodyOf(answer)).errors).toHaveLength(50)
  })
})

describe('a version', () => {
  const reading = open(async (request) => tagged(request, '"1"', { a: 1 }, { 'x-more': 'y' }))
  const changing = open(async (request) => ({ jsonBody: { may: precondition(request)('"1"') } }))

  test('that the client has is not sent again, with its tag and what else there is to say', async () => {
    const first = await invoke(reading, 'GET')
    const etag = first.headers.get('etag') ?? ''
    expect([await first.json(), first.headers.get('x-more')]).toEqual([{ a: 1 }, 'y'])
    const again = await invoke(reading, 'GET', { headers: { 'if-none-match': etag } })
    expect([again.status, again.headers.get('etag'), again.headers.get('x-more')]).toEqual([304, etag, 'y'])
  })

  test('that is asked for is demanded, and none where none is', async () => {
    const etag = (await invoke(reading, 'GET')).headers.get('etag') ?? ''
    const may = async (headers: Record<string, string>) =>
      (await bodyOf(await invoke(changing, 'PUT', { headers }))).may
    expect(await may({})).toBe(true)
    expect(await may({ 'if-match': etag })).toBe(true)
    expect(await may({ 'if-match': `W/${etag}` })).toBe(true)
    expect(await may({ 'if-match': '"other"' })).toBe(false)
  })
})

test('a query is checked as a body is', async () => {
  const reading = open(async (request) => ({
    jsonBody: readQuery(request, z.object({ n: z.coerce.number().max(3) })),
  }))
  expect(await (await invoke(reading, 'GET', { query: { n: '2', more: 'x' } })).json()).toEqual({ n: 2 })
  const refused = await invoke(reading, 'GET', { query: { n: '4' } })
  expect([refused.status, (await bodyOf(refused)).errors?.[0]?.pointer]).toEqual([400, '/n'])
})

test('what no route takes is told as that, and what only employees may is refused to others', async () => {
  const nowhere = await invoke(unknownRoute, 'GET')
  expect([nowhere.status, (await bodyOf(nowhere)).detail]).toEqual([404, 'There is no GET /api/x here.'])
  const guarded = adminOnly(async (_request, _context, { id }) => ({ jsonBody: { id } }))
  expect(await (await invoke(guarded, 'GET')).json()).toEqual({ id: 'u1' })
  const stranger = await invoke(guarded, 'GET', { headers: { 'x-ms-client-principal': '' } })
  expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
})

test('a problem says when to come back and by which id the log has it; the log has what went wrong inside', async () => {
  const away = new Error('database')
  const lines: unknown[][] = []
  const failing = async (error: Error) => {
    const handler = open(async () => {
      throw error
    })
    const context = new InvocationContext({
      invocationId: '0af7651916cd43dd',
      logHandler: (_level, ...args) => void lines.push(args),
    })
    const request = new HttpRequest({ method: 'GET', url: 'http://localhost/api/x' })
    return (await handler(request, context)) as { headers: Record<string, string>; body: string }
  }
  const { headers, body } = await failing(unavailable('The store', away))
  expect(headers).toMatchObject({ 'retry-after': '5', 'x-request-id': '0af7651916cd43dd' })
  expect(headers).not.toHaveProperty('www-authenticate')
  expect(headers).not.toHaveProperty('server-timing')
  expect(JSON.parse(body)).toMatchObject({ status: 503, instance: 'urn:uuid:0af7651916cd43dd' })
  expect(lines).toEqual([['The store does not answer at the moment.', away]])
  await failing(new ProblemError(500, 'x'))
  expect(lines).toHaveLength(2)
  expect((await failing(new ProblemError(404, 'x'))).headers).not.toHaveProperty('retry-after')
  expect(lines).toHaveLength(2)
})
