/**
 * The typed HTTP client of the demo's whole API, for simulators and tests: what the storefront calls
 * (`storeClient.ts`) and the employees' calls that the demo has. It imports types only.
 */
import type { Health } from './health.ts'
import { type ClientOptions, createRequester, expectStatus } from './http.ts'
import type { Order, OrderStatusChange } from './order.ts'
import type { NewProduct, Product } from './product.ts'
import { createStoreClient } from './storeClient.ts'

export { ApiError, type ClientOptions, type Tagged } from './http.ts'

export type Client = ReturnType<typeof createClient>

/** Makes a client. Every call rejects with `ApiError` on an error answer and with the runtime's `TypeError` when offline. */
export function createClient(options: ClientOptions = {}) {
  const { send, json } = createRequester(options)
  const { products, orders } = createStoreClient(options)

  return {
    health: () => json<Health>('/health'),
    products: {
      ...products,
      create: (product: NewProduct) => json<Product>('/product', { method: 'POST', body: product }),
      update: (product: Product) => json<Product>('/product', { method: 'PUT', body: product }),
      delete: async (id: number) => expectStatus(await send(`/product/${id}`, { method: 'DELETE' }), 200),
    },
    orders,
    makeline: {
      /** Every order that waits for an employee. */
      fetch: (options: { signal?: AbortSignal } = {}) => json<Order[]>('/makeline/order/fetch', options),
      get: (orderId: string) => json<Order>(`/makeline/order/${encodeURIComponent(orderId)}`),
      setStatus: async (change: OrderStatusChange) =>
        expectStatus(await send('/makeline/order', { method: 'PUT', body: change }), 202),
    },
  }
}
