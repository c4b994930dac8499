import { describe, expect, test, vi } from 'vitest'
import { invoke } from '../../tests/invoke.ts'
import { open } from './http.ts'

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
