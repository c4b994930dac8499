/** A success that is none: what comes when a proxy lost the API's answer, or a sign-in page took its place. */
import { expect, test } from 'vitest'
import { createAdminClient } from './adminClient.ts'
import { ApiError } from './http.ts'
import { createStoreClient } from './storeClient.ts'

const answering = (body: string | null, status: number, type?: string) => ({
  fetch: async () => new Response(body, { status, headers: type ? { 'content-type': type } : {} }),
})
const json = 'application/json; charset=utf-8'
const page = '<!doctype html><title>Sign in</title>'
const order = { customerId: 'c', items: [{ productId: 1, quantity: 1 }] }

test.each([
  ['empty', '', undefined],
  ['empty, as JSON', '', json],
  ['a page', page, 'text/html'],
  ['a page, as JSON', page, json],
  ['half an order', '{"orderId":', json],
  ['null', 'null', json],
  ['text', '"ok"', json],
])('a body that is %s is no answer', async (_what, body, type) => {
  const store = createStoreClient(answering(body, 200, type))
  for (const call of [
    () => store.products.list(),
    () => store.products.get(1),
    () => store.orders.place(order, 'key'),
    () => store.orders.track('1'),
    () => store.orders.cancel('1'),
  ])
    await expect(call()).rejects.toMatchObject({ name: 'ApiError', status: 502 })
  const admin = createAdminClient(answering(body, 200, type))
  await expect(admin.orders.list()).rejects.toThrow(ApiError)
  await expect(admin.products.get(1)).rejects.toThrow(ApiError)
})

test.each(['{}', '[]', '{"orderId":7,"items":[]}', '{"status":"ok"}'])(
  'an order that is answered with %s may have been placed, or not',
  async (body) => {
    const store = createStoreClient(answering(body, 200, json))
    await expect(store.orders.place(order, 'key')).rejects.toMatchObject({ name: 'ApiError', status: 502 })
  },
)

test('a change that is answered with another success than its own has not been made', async () => {
  const admin = createAdminClient(answering('', 200))
  await expect(admin.orders.setStatus({ orderId: '1', status: 2 })).rejects.toThrow(ApiError)
  await expect(admin.makeline.resubmit('1')).rejects.toThrow(ApiError)
  await expect(admin.makeline.discard('1')).rejects.toThrow(ApiError)
  const signIn = createAdminClient(answering(page, 200, 'text/html'))
  await expect(signIn.products.delete(1)).rejects.toThrow(ApiError)
})

test('what the API answers is taken', async () => {
  const accepted = createAdminClient(answering(null, 202))
  await accepted.orders.setStatus({ orderId: '1', status: 2 })
  await accepted.makeline.resubmit('1')
  await createAdminClient(answering(null, 204)).makeline.discard('1')
  await createAdminClient(answering('', 200)).products.delete(1)
  expect(await createStoreClient(answering('[]', 200, json)).products.list()).toEqual([])
  const problem = createStoreClient(
    answering('{"title":"Gone","status":410}', 410, 'application/problem+json'),
  )
  await expect(problem.orders.track('1')).rejects.toMatchObject({ status: 410 })
})

test('a connection that breaks in the middle of an answer is a lost connection', async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('[{'))
      controller.error(new TypeError('terminated'))
    },
  })
  const store = createStoreClient({
    fetch: async () => new Response(body, { headers: { 'content-type': json } }),
  })
  await expect(store.products.list()).rejects.toThrow(TypeError)
})
