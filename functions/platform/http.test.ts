import { expect, test } from 'vitest'
import { invoke } from '../../tests/invoke.ts'
import { open } from './http.ts'

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
  'a request with the trace %j begins one',
  async (traceparent) => {
    const { headers } = await invoke(answering, 'GET', { headers: traceparent ? { traceparent } : {} })
    expect(headers.get('traceparent')).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-00$/)
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
