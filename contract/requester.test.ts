/** What the clients send, and what they make of an answer that is an error. */
import { expect, test, vi } from 'vitest'
import { ApiError, createRequester, queryOf, type RequestOptions, taggedBody } from './http.ts'

/** Sends a request over a connection that answers so, and tells what was sent. */
async function sent(path: string, options?: RequestOptions, own = {}) {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response(null))
  await createRequester({ fetch, ...own }).send(path, options)
  const [url, init] = fetch.mock.calls[0] ?? []
  return { url, ...init }
}
const errorOf = async (body: string | null, init: ResponseInit) =>
  createRequester({ fetch: async () => new Response(body, init) })
    .send('/x')
    .catch((error) => error as ApiError)

test('a request without a body is a GET on the own origin that says nothing of a media type', async () => {
  expect(await sent('/products')).toEqual({
    url: '/api/products',
    method: 'GET',
    headers: { accept: 'application/json' },
  })
})

test('a body is sent as JSON, even when it is false or zero', async () => {
  expect(await sent('/orders', { method: 'POST', body: { a: 1 } })).toMatchObject({
    method: 'POST',
    body: '{"a":1}',
    headers: { 'content-type': 'application/json' },
  })
  expect((await sent('/x', { method: 'PUT', body: 0 })).body).toBe('0')
  expect((await sent('/x', { method: 'PUT', body: false })).body).toBe('false')
})

test('a picture is sent as it is, under its own media type or as bytes', async () => {
  const png = new Blob(['x'], { type: 'image/png' })
  const picture = await sent('/products/images', { method: 'POST', body: png })
  expect(picture.body).toBe(png)
  expect(picture.headers).toMatchObject({ 'content-type': 'image/png' })
  expect((await sent('/x', { method: 'POST', body: new Blob(['x']) })).headers).toMatchObject({
    'content-type': 'application/octet-stream',
  })
})

test("the client's origin and headers go along, and a request's own headers come before them", async () => {
  const client = { baseUrl: 'https://api.example', headers: { authorization: 'Bearer 1', 'x-a': 'client' } }
  const request = await sent('/orders', { headers: { 'x-a': 'request' } }, client)
  expect(request.url).toBe('https://api.example/api/orders')
  expect(request.headers).toEqual({
    accept: 'application/json',
    authorization: 'Bearer 1',
    'x-a': 'request',
  })
})

test('a request can be given up', async () => {
  const { signal } = new AbortController()
  expect((await sent('/x', { signal })).signal).toBe(signal)
})

test('"not modified" is no error', async () => {
  const { send } = createRequester({ fetch: async () => new Response(null, { status: 304 }) })
  expect((await send('/orders/1')).status).toBe(304)
})

test("an error is the API's own account of it", async () => {
  const problem = { type: 'about:blank', title: 'Conflict', status: 409, detail: 'It is complete.' }
  const error = await errorOf(JSON.stringify(problem), {
    status: 409,
    headers: { 'content-type': 'application/problem+json' },
  })
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ name: 'ApiError', message: 'It is complete.', status: 409, problem })
})

test('an error without an account says the status, and its text where there is one', async () => {
  const page = { 'content-type': 'text/html' }
  expect(await errorOf('<h1>', { status: 502, statusText: 'Bad Gateway', headers: page })).toMatchObject({
    message: 'Bad Gateway',
    problem: { type: 'about:blank', title: 'Bad Gateway', status: 502 },
  })
  expect(
    await errorOf('{"half', { status: 503, headers: { 'content-type': 'application/json' } }),
  ).toMatchObject({ message: 'HTTP 503', status: 503 })
  expect(await errorOf(null, { status: 500 })).toMatchObject({ message: 'HTTP 500', status: 500 })
})

test('an answer keeps its ETag', async () => {
  const headers = { 'content-type': 'application/json', etag: '"7"' }
  expect(await taggedBody(new Response('{"a":1}', { headers }))).toEqual({ value: { a: 1 }, etag: '"7"' })
})

test('a query holds what is set, zero included, and is nothing when nothing is', () => {
  expect(queryOf({ search: 'a b&c', limit: 0, after: null, state: undefined, name: '' })).toBe(
    '?search=a+b%26c&limit=0',
  )
  expect(queryOf({ search: '', after: null })).toBe('')
})

test('an answer that says nothing of its type is no account of an error, and no answer', async () => {
  const untyped = (status: number) => {
    const response = new Response('{"title":"x","status":400}', { status })
    response.headers.delete('content-type')
    return createRequester({ fetch: async () => response })
  }
  await expect(untyped(500).send('/x')).rejects.toMatchObject({ problem: { title: 'HTTP 500', status: 500 } })
  await expect(untyped(200).json('/x')).rejects.toMatchObject({
    message: 'What came was no answer of the store.',
    problem: { type: 'about:blank', title: 'No answer', status: 502 },
  })
})

test('JSON under the name of another type is no account of an error, and no answer', async () => {
  const headers = { 'content-type': 'text/plain' }
  const body = '{"title":"x","status":400}'
  expect(await errorOf(body, { status: 500, headers })).toMatchObject({ message: 'HTTP 500' })
  const { json } = createRequester({ fetch: async () => new Response(body, { headers }) })
  await expect(json('/x')).rejects.toMatchObject({ status: 502 })
})

// What gateways answer: JSON, but no problem document. Its status decides whether an order may have been placed all the same.
test.each([
  '{}',
  '{"error":{"code":"x"}}',
  '{"status":"down","title":5,"detail":{}}',
  '[]',
  '5',
  '"down"',
  '{"status":200}',
  '{"title":"Bad","errors":{"name":["x"]}}',
])('an error whose account is %s has the status of the answer, and words for people', async (body) => {
  const error = await errorOf(body, { status: 502, headers: { 'content-type': 'application/json' } })
  expect(error).toMatchObject({ status: 502, message: 'HTTP 502' })
})
