import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CosmosProxy, startCosmosProxy } from '../../tests/faults/cosmosProxy.ts'
import { call, type Dependencies, startDependencies } from '../../tests/triggers.ts'
import { listOrders, placeOrder, trackOrder } from '../orders/orders.functions.ts'
import { listProducts } from '../products/products.functions.ts'
import { onCosmos } from './cosmos.ts'

let cloud: Dependencies
let proxy: CosmosProxy

beforeAll(async () => {
  proxy = await startCosmosProxy()
  cloud = await startDependencies()
  const connection = cloud.settings.CosmosConnection ?? ''
  proxy.target = Number(/127\.0\.0\.1:(\d+)/.exec(connection)?.[1])
  process.env.CosmosConnection = connection.replace(/(127\.0\.0\.1):\d+/, `$1:${proxy.port}`)
}, 60_000)
afterAll(async () => {
  await cloud?.stop()
  await proxy?.close()
})

const place = () => call(placeOrder, { body: { customerId: 'c', items: [{ productId: 1, quantity: 1 }] } })

test.each(['cut', 'throttled', 'contended', 'unavailable', 'silent'] as const)(
  'while the database is %s, whoever asks is told to come back, and afterwards all is well',
  async (fault) => {
    const { body: order } = await place()
    const params = { orderId: order.orderId }
    proxy.fault = fault
    const answers = await Promise.all([
      call(listProducts),
      call(trackOrder, { params }),
      call(listOrders),
      place(),
    ])
    proxy.fault = undefined
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503)
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(body).toMatchObject({ status: 503, title: 'Service Unavailable' })
    }
    expect((await call(trackOrder, { params })).status).toBe(200)
    expect((await place()).status).toBe(201)
  },
)

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
