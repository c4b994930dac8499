/**
 * The typed HTTP client of the store's API, for web apps, simulators and tests.
 * It imports types only, so a browser bundle that uses it carries no schema code.
 * What only an employee calls stands in `adminClient.ts`, so that the storefront does not carry it.
 */
import type { Health } from './health.ts'
import { type ClientOptions, createRequester, type Tagged } from './http.ts'
import type { NewOrder, Order, OrderStatusChange } from './order.ts'
import type { NewProduct, Product } from './product.ts'

export { ApiError, type ClientOptions, type Tagged } from './http.ts'

export type Client = ReturnType<typeof createClient>

/** Makes a client. Every call rejects with `ApiError` on an error answer and with the runtime's `TypeError` when offline. */
export function createClient(options: ClientOptions = {}) {
  const { send, json } = createRequester(options)

  return {
    health: () => json<Health>('/health'),
    products: {
      list: (options: { signal?: AbortSignal } = {}) => json<Product[]>('/products', options),
      get: (id: number, options: { signal?: AbortSignal } = {}) => json<Product>(`/products/${id}`, options),
      create: (product: NewProduct) => json<Product>('/product', { method: 'POST', body: product }),
      update: (product: Product) => json<Product>('/product', { method: 'PUT', body: product }),
      delete: async (id: number) => void (await send(`/product/${id}`, { method: 'DELETE' })),
    },
    orders: {
      /** Places an order; the same key and the same body make one order however often they are sent. */
      place: (order: NewOrder, idempotencyKey: string) =>
        json<Order>('/orders', {
          method: 'POST',
          body: order,
          headers: { 'idempotency-key': idempotencyKey },
        }),
      /** Takes an order back; it rejects with status 409 once someone works on it. */
      cancel: (orderId: string) =>
        json<Order>(`/orders/${encodeURIComponent(orderId)}/cancel`, { method: 'POST' }),
      /** Reads an order the customer holds the id of; null when it is unchanged since `etag`. */
      track: async (
        orderId: string,
        etag?: string | null,
        signal?: AbortSignal,
      ): Promise<Tagged<Order> | null> => {
        const response = await send(`/orders/${encodeURIComponent(orderId)}`, {
          headers: etag ? { 'if-none-match': etag } : {},
          signal,
        })
        if (response.status === 304) return null
        return { value: (await response.json()) as Order, etag: response.headers.get('etag') }
      },
    },
    makeline: {
      /** Every order that waits for an employee. */
      fetch: (options: { signal?: AbortSignal } = {}) => json<Order[]>('/makeline/order/fetch', options),
      get: (orderId: string) => json<Order>(`/makeline/order/${encodeURIComponent(orderId)}`),
      setStatus: async (change: OrderStatusChange) =>
        void (await send('/makeline/order', { method: 'PUT', body: change })),
    },
  }
}
