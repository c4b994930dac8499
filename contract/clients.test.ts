/** Each call of the typed clients, sent to an API that has the operations of `operations.ts` and no others. */
import { describe, expect, test } from 'vitest'
import { createAdminClient } from './adminClient.ts'
import { createClient } from './client.ts'
import { operations } from './operations.ts'
import { createStoreClient } from './storeClient.ts'

interface Asked {
  operation: string
  parameters: string[]
  query: string
  headers: Record<string, string>
  body: unknown
  signal: AbortSignal | undefined
}

/** An API that answers this to whatever it has, with the status of its success, and keeps what it was asked. */
function api(answer: unknown = {}, status?: number) {
  const asked: Asked[] = []
  const named = operations.toSorted((a, b) => a.route.split('{').length - b.route.split('{').length)
  async function fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { pathname, search } = new URL(String(input), 'http://store')
    for (const { name, method, route, answers } of named) {
      const match = new RegExp(`^/api/${route.replaceAll(/\{\w+\}/g, '([^/]+)')}$`).exec(pathname)
      if (!match || method !== init.method) continue
      const success = Number(Object.keys(answers)[0])
      asked.push({
        operation: name,
        parameters: match.slice(1).map(decodeURIComponent),
        query: search,
        headers: init.headers as Record<string, string>,
        body: typeof init.body === 'string' ? JSON.parse(init.body) : init.body,
        signal: init.signal ?? undefined,
      })
      const headers = { 'content-type': 'application/json', etag: '"7"' }
      const body = answers[success] === null || status === 304 ? null : JSON.stringify(answer)
      return new Response(body, { status: status ?? success, headers })
    }
    return new Response(null, { status: 404 })
  }
  const options = { fetch }
  return {
    asked,
    admin: createAdminClient(options),
    store: createStoreClient(options),
    demo: createClient(options),
  }
}
type Clients = ReturnType<typeof api>

const product = { name: 'n', price: 1, description: 'd', image: '/i.png' }
const order = { customerId: 'c', items: [{ productId: 1, quantity: 2 }] }
const change = { orderId: 'o', status: 2 } as const
const picture = new Blob(['x'], { type: 'image/png' })
const image = { name: 'n', description: 'd' }

test.each<[string, (clients: Clients) => Promise<unknown>, Partial<Asked>]>([
  ['listProducts', ({ store }) => store.products.list(), {}],
  ['getProduct', ({ store }) => store.products.get(7), { parameters: ['7'] }],
  [
    'placeOrder',
    ({ store }) => store.orders.place(order, 'key'),
    { body: order, headers: expect.objectContaining({ 'idempotency-key': 'key' }) },
  ],
  ['cancelOrder', ({ store }) => store.orders.cancel('a/b'), { parameters: ['a/b'] }],
  [
    'trackOrder',
    ({ store }) => store.orders.track('a/b', '"1"'),
    { parameters: ['a/b'], headers: expect.objectContaining({ 'if-none-match': '"1"' }) },
  ],
  [
    'listOrders',
    ({ admin }) => admin.orders.list({ state: 'pending', limit: 5 }),
    { query: '?state=pending&limit=5' },
  ],
  ['fetchOrders', ({ admin }) => admin.orders.pending(), {}],
  ['getOrder', ({ admin }) => admin.orders.get('a/b'), { parameters: ['a/b'] }],
  ['updateOrder', ({ admin }) => admin.orders.setStatus(change), { body: change }],
  ['listProducts', ({ admin }) => admin.products.list({ search: 'rope' }), { query: '?search=rope' }],
  ['getProduct', ({ admin }) => admin.products.get(7), { parameters: ['7'] }],
  ['createProduct', ({ admin }) => admin.products.create(product), { body: product }],
  [
    'updateProduct',
    ({ admin }) => admin.products.update({ ...product, id: 7 }, '"1"'),
    { body: { ...product, id: 7 }, headers: expect.objectContaining({ 'if-match': '"1"' }) },
  ],
  ['deleteProduct', ({ admin }) => admin.products.delete(7), { parameters: ['7'] }],
  [
    'uploadPicture',
    ({ admin }) => admin.products.uploadImage(picture),
    { body: picture, headers: expect.objectContaining({ 'content-type': 'image/png' }) },
  ],
  ['getQueueDepth', ({ admin }) => admin.makeline.queue(), {}],
  ['listDeadLetters', ({ admin }) => admin.makeline.deadLetters(), {}],
  ['getDeadLetter', ({ admin }) => admin.makeline.deadLetter('9'), { parameters: ['9'] }],
  ['resubmitDeadLetter', ({ admin }) => admin.makeline.resubmit('9'), { parameters: ['9'] }],
  ['discardDeadLetter', ({ admin }) => admin.makeline.discard('9'), { parameters: ['9'] }],
  ['getSummary', ({ admin }) => admin.analytics.summary({ from: 'f', to: 't' }), { query: '?from=f&to=t' }],
  ['aiHealth', ({ admin }) => admin.ai.health(), {}],
  ['aiCapabilities', ({ admin }) => admin.ai.capabilities(), {}],
  ['generateImage', ({ admin }) => admin.ai.image(image), { body: image }],
  ['health', ({ demo }) => demo.health(), {}],
  ['createProduct', ({ demo }) => demo.products.create(product), { body: product }],
  [
    'updateProduct',
    ({ demo }) => demo.products.update({ ...product, id: 7 }),
    { body: { ...product, id: 7 } },
  ],
  ['deleteProduct', ({ demo }) => demo.products.delete(7), { parameters: ['7'] }],
  ['fetchOrders', ({ demo }) => demo.makeline.fetch(), {}],
  ['getOrder', ({ demo }) => demo.makeline.get('a/b'), { parameters: ['a/b'] }],
  ['updateOrder', ({ demo }) => demo.makeline.setStatus(change), { body: change }],
])('%s is asked for as the API has it', async (operation, call, what) => {
  const clients = api({ orderId: 'o', items: [] })
  await call(clients)
  expect(clients.asked).toEqual([
    {
      parameters: [],
      query: '',
      headers: expect.anything(),
      signal: undefined,
      body: undefined,
      operation,
      ...what,
    },
  ])
})

test('what was read comes with its ETag, and a condition is sent only where there is one', async () => {
  const { admin, store, asked } = api({ id: 7 })
  expect(await admin.products.get(7)).toEqual({ value: { id: 7 }, etag: '"7"' })
  expect(await store.orders.track('o')).toEqual({ value: { id: 7 }, etag: '"7"' })
  await admin.products.update({ ...product, id: 7 }, null)
  for (const { headers } of asked) expect(Object.keys(headers).join()).not.toContain('if-')
})

test('an order that is as it was is told as that', async () => {
  expect(await api({}, 304).store.orders.track('o', '"7"')).toBeNull()
})

// A server in between answers with 200 of its own, to whatever it is asked (the SWA emulator, when the API resets).
test.each<[string, (clients: Clients) => Promise<unknown>]>([
  ['completing an order', ({ admin }) => admin.orders.setStatus(change)],
  ['sending a dead letter again', ({ admin }) => admin.makeline.resubmit('9')],
  ['throwing a dead letter away', ({ admin }) => admin.makeline.discard('9')],
  ["completing an order with the demo's client", ({ demo }) => demo.makeline.setStatus(change)],
])('%s is not done because something answered 200', async (_, call) => {
  await expect(call(api({}, 200))).rejects.toMatchObject({ status: 502 })
})

test.each<[string, (clients: Clients) => Promise<unknown>]>([
  ['admin', ({ admin }) => admin.products.delete(7)],
  ["demo's client", ({ demo }) => demo.products.delete(7)],
])('a product is not gone because something answered 202: %s', async (_, call) => {
  await expect(call(api({}, 202))).rejects.toMatchObject({ status: 502 })
})

test('what takes long can be given up', async () => {
  const { signal } = new AbortController()
  const { admin, store, demo, asked } = api()
  await store.products.list({ signal })
  await store.products.get(1, { signal })
  await store.orders.track('o', null, signal)
  await admin.orders.list({}, { signal })
  await admin.products.list({}, { signal })
  await admin.products.uploadImage(picture, { signal })
  await admin.makeline.deadLetters({ signal })
  await admin.analytics.summary({}, { signal })
  await admin.ai.image(image, { signal })
  await demo.makeline.fetch({ signal })
  expect(asked.map((request) => request.signal)).toEqual(asked.map(() => signal))
  expect(asked).toHaveLength(10)
})

test('what the AI can do is a list', async () => {
  expect(await api({ capabilities: ['image'] }).admin.ai.capabilities()).toEqual(['image'])
})

describe('a description', () => {
  const request = { name: 'n', tags: ['t'] }
  /** Asks for one of an API that answers so; tells the pieces that came before the end. */
  async function ask(body: string | null, type: string) {
    const pieces: string[] = []
    const sent: RequestInit[] = []
    const headers = type ? { 'content-type': type } : {}
    const fetch = async (_: unknown, init: RequestInit = {}) => {
      sent.push(init)
      return new Response(body, { headers })
    }
    const text = createAdminClient({ fetch }).ai.describe(request, (delta) => pieces.push(delta))
    return { text: await text.catch((error: unknown) => error), pieces, sent }
  }
  const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
  const stream = 'text/event-stream; charset=utf-8'

  test('comes piece by piece, and then whole', async () => {
    const events = [
      event('message', { delta: 'A ' }),
      event('ping', { delta: 'no' }),
      event('message', { delta: 'rope' }),
      event('done', { description: 'A rope.' }),
    ]
    const { text, pieces, sent } = await ask(events.join(''), stream)
    expect([text, pieces]).toEqual(['A rope.', ['A ', 'rope']])
    expect(sent).toMatchObject([
      { method: 'POST', body: JSON.stringify(request), headers: { accept: 'text/event-stream' } },
    ])
  })

  test('comes at once from an API that does not stream', async () => {
    const { text, pieces } = await ask('{"description":"A rope."}', 'application/json')
    expect([text, pieces]).toEqual(['A rope.', []])
  })

  test('that fails in the middle fails with its reason', async () => {
    const problem = { type: 'about:blank', title: 'Bad Gateway', status: 502, detail: 'The model is away.' }
    const { text, pieces } = await ask(event('message', { delta: 'A ' }) + event('error', problem), stream)
    expect(text).toMatchObject({ message: 'The model is away.', status: 502 })
    expect(pieces).toEqual(['A '])
  })

  test.each([
    ['after a piece', event('message', { delta: 'A ' })],
    ['before the first', null],
  ])('that breaks off %s is none', async (_, body) => {
    const { text } = await ask(body, stream)
    expect(text).toBeInstanceOf(TypeError)
    expect((text as Error).message).toBe('The description broke off before its end.')
  })

  test('of no type at all is no answer', async () => {
    expect((await ask(null, '')).text).toMatchObject({ status: 502 })
  })
})
