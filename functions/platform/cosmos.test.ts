import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { call, startWatchedDependencies } from '../../tests/triggers.ts'
import { listOrders, placeOrder, trackOrder } from '../orders/orders.functions.ts'
import { listProducts } from '../products/products.functions.ts'
import { onCosmos } from './cosmos.ts'

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
