/** What placing asks of its parts; the parts themselves are tested beside their code. */
import { beforeEach, expect, test, vi } from 'vitest'
import * as configuration from '../platform/config.ts'
import * as catalogue from '../products/catalogue.ts'
import * as store from './orderStore.ts'
import { placeOrder } from './placeOrder.ts'
import * as publishing from './publishOrders.ts'

vi.mock('../platform/config.ts')
vi.mock('../products/catalogue.ts')
vi.mock('./orderStore.ts')
vi.mock('./publishOrders.ts')

beforeEach(() => {
  vi.resetAllMocks()
  vi.mocked(store.insertOrder).mockImplementation(async (order) => ({ order, etag: '"1"' }))
  vi.mocked(publishing.publishOrder).mockResolvedValue()
})

// ISO 4217: the yen has no decimals, the Kuwaiti dinar three. Totals are kept in minor units.
test.each([
  { decimals: 0, price: 10, total: 30 },
  { decimals: 2, price: 9.99, total: 2_997 },
  { decimals: 3, price: 1.005, total: 3_015 },
])('an order is summed up in the decimals of its currency: $decimals', async ({ decimals, price, total }) => {
  vi.mocked(configuration.config).mockReturnValue({ currency: { decimals } } as configuration.Config)
  vi.mocked(catalogue.productsByIds).mockResolvedValue(new Map([[1, { id: 1, name: 'one', price } as never]]))
  const { order } = await placeOrder({ customerId: 'c', items: [{ productId: 1, quantity: 3 }] })
  expect(order.total).toBe(total)
})
