import { SpanStatusCode } from '@opentelemetry/api'
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { call, startWatchedDependencies } from '../../tests/triggers.ts'
import { listOrders, placeOrder, trackOrder } from '../orders/orders.functions.ts'
import { listProducts } from '../products/products.functions.ts'
import { onCosmos } from './cosmos.ts'
import { counted } from './telemetry/metrics.ts'
import { recordBy } from './telemetry/tracing.ts'

let cloud: Awaited<ReturnType<typeof startWatchedDependencies>>

beforeAll(async () => {
  cloud = await startWatchedDependencies()
}, 60_000)
afterAll(() => cloud?.stop())

const place = () => call(placeOrder, { body: { customerId: 'c', items: [{ productId: 1, quantity: 1 }] } })

test.each(['cut', 'throttled', 'contended', 'unavailable', 'silent'] as const)(
  'while the database is %s, whoever asks is told to come back, and afterwards all is well',
  async (fault) => {
    const { body: order } = await place()
    const params = { orderId: order.orderId }
    cloud.proxy.fault = fault
    const answers = await Promise.all([
      call(listProducts),
      call(trackOrder, { params }),
      call(listOrders),
      place(),
    ])
    cloud.proxy.fault = undefined
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(body).toMatchObject({ status: 503, title: 'Service Unavailable' })
    }
    expect((await call(trackOrder, { params })).status).toBe(200)
    expect((await place()).status).toBe(201)
  },
)

/** Records from now on, until the test ends. @returns the spans of calls of the database, as they end. */
function record(): ReadableSpan[] {
  const spans: ReadableSpan[] = []
  const processor = {
    onStart: () => {},
    onEnd: (span: ReadableSpan) => void (span.attributes['db.system.name'] && spans.push(span)),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  recordBy(new TracerProvider({ spanProcessors: [processor] }))
  onTestFinished(() => recordBy())
  return spans
}

// By OpenTelemetry's conventions for Cosmos DB.
test('each operation is a span with what it cost and how it ended; what the app asks for is no failure', async () => {
  const spans = record()
  await place()
  const insert = spans.find(({ name }) => name === 'create_item orders')
  expect(insert?.attributes).toMatchObject({
    'db.system.name': 'azure.cosmosdb',
    'db.namespace': 'store',
    'db.collection.name': 'orders',
    'db.operation.name': 'create_item',
    'db.response.status_code': '201',
    'server.address': '127.0.0.1',
    'server.port': expect.any(Number),
  })
  expect(insert?.attributes['azure.cosmosdb.operation.request_charge']).toBeGreaterThan(1)
  spans.length = 0
  expect((await call(listOrders)).body).toMatchObject({ orders: expect.any(Array) })
  const query = spans.find(({ name }) => name === 'query_items orders')
  expect(query?.attributes['db.response.returned_rows']).toBeGreaterThan(0)
  spans.length = 0
  expect(
    (await call(trackOrder, { params: { orderId: '01939a52-3c4d-7000-8000-000000000000' } })).status,
  ).toBe(404)
  expect(spans.map(({ name, status }) => [name, status.code])).toEqual([
    ['read_item orders', SpanStatusCode.UNSET],
  ])
  expect(spans[0]?.attributes['db.response.status_code']).toBe('404')
})

// Of queries the SDK's plugins see requests only: a page is told of as one span all the same.
test.each([
  ['read_item', trackOrder],
  ['query_items', listOrders],
] as const)(
  'what the database throttles of %s is counted, and on its one span, also where a retry gets past it',
  async (name, ask) => {
    const { body: order } = await place()
    const request = { params: { orderId: order.orderId } }
    const throttled = () =>
      counted()
        .filter((metric) => metric.name === 'store.cosmosdb.throttled_requests')
        .flatMap(({ series }) => series.map(({ value }) => value))
        .reduce((sum, value) => sum + value, 0)
    // What the SDK asks once for its own sake is asked here.
    await call(ask, request)
    const spans = record()
    const isAsked = (span: ReadableSpan) => span.name === `${name} orders`
    const before = { counted: throttled(), met: cloud.proxy.met.throttled }
    cloud.proxy.operations.length = 0
    cloud.proxy.fault = 'throttled'
    const asking = call(ask, request)
    await vi.waitFor(() => expect(cloud.proxy.met.throttled).toBeGreaterThan(before.met))
    cloud.proxy.fault = undefined
    expect((await asking).status).toBe(200)
    const met = cloud.proxy.met.throttled - before.met
    expect(throttled() - before.counted).toBe(met)
    const [span, ...more] = spans.filter(isAsked)
    expect([span?.status.code, more]).toEqual([SpanStatusCode.UNSET, []])
    expect(span?.attributes).toMatchObject({
      'store.cosmosdb.throttled_requests': expect.any(Number),
      'db.response.status_code': '200',
    })
    // All that the database charged is told of.
    const charged = cloud.proxy.operations.reduce((sum, { charge }) => sum + charge, 0)
    const told = spans.map(({ attributes }) => Number(attributes['azure.cosmosdb.operation.request_charge']))
    expect(told.reduce((sum, charge) => sum + charge, 0)).toBeCloseTo(charged)
    expect(charged).toBeGreaterThan(0)

    spans.length = 0
    cloud.proxy.fault = 'throttled'
    expect((await call(ask, request)).status).toBe(503)
    cloud.proxy.fault = undefined
    expect(spans.filter(isAsked)).toMatchObject([
      {
        status: { code: SpanStatusCode.ERROR },
        attributes: { 'error.type': '429', 'db.response.status_code': '429' },
      },
    ])
  },
)

test('the time of an operation that is done ends nothing that goes on after it, such as the next page of a query', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const signal = await onCosmos(async ({ abortSignal }) => abortSignal)
  vi.advanceTimersByTime(600_000)
  expect(signal.aborted).toBe(false)
})

test('a write that meets another one is tried again', async () => {
  let calls = 0
  const stored = await onCosmos(async () => {
    if (++calls < 3) throw Object.assign(new Error('Retry with'), { code: 449 })
    return 'stored'
  })
  expect(stored).toBe('stored')
})

test.each([
  [410, 'Gone'],
  ['EAI_AGAIN', 'Error'],
  [undefined, 'CredentialUnavailableError'],
  [undefined, 'AggregateAuthenticationError'],
])('a failure with the code %s and the name %s is one of the dependency', async (code, name) => {
  const failure = Object.assign(new Error('no'), { name, ...(code === undefined ? {} : { code }) })
  await expect(onCosmos(() => Promise.reject(failure))).rejects.toMatchObject({ status: 503 })
})

test.each([400, 401, 403])('an answer %i is a fault of ours, and stays one', async (code) => {
  const failure = Object.assign(new Error('no'), { code })
  await expect(onCosmos(() => Promise.reject(failure))).rejects.toBe(failure)
})
