/**
 * The part of the API that the storefront calls, as a typed client. It imports types only, so a browser bundle that
 * uses it carries no schema code.
 */
import { type ClientOptions, createRequester, noAnswer, type Tagged, taggedBody } from './http.ts'
import type { NewOrder, Order } from './order.ts'
import type { Product } from './product.ts'

export type StoreClient = ReturnType<typeof createStoreClient>

/** Makes a client. Every call rejects with `ApiError` on an error answer and with the runtime's `TypeError` when offline. */
export function createStoreClient(options: ClientOptions = {}) {
  const { send, json } = createRequester(options)

  return {
    products: {
      list: (options: { signal?: AbortSignal } = {}) => json<Product[]>('/products', options),
      get: (id: number, options: { signal?: AbortSignal } = {}) => json<Product>(`/products/${id}`, options),
    },
    orders: {
      /** Places an order; the same key and the same body make one order however often they are sent. */
      place: async (order: NewOrder, idempotencyKey: string) =>
        demandOrder(
          await json<Order>('/orders', {
            method: 'POST',
            body: order,
            headers: { 'idempotency-key': idempotencyKey },
          }),
        ),
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
        return taggedBody(response)
      },
    },
  }
}

/** A page forgets the key of an order that was answered, so the answer has to be one. */
function demandOrder(order: Order): Order {
  if (typeof order.orderId !== 'string') throw noAnswer()
  return order
}
