/** The part of the API that only an employee calls, as a typed client. It imports types only. */
import type {
  AiCapabilities,
  AiHealth,
  DescriptionAnswer,
  DescriptionRequest,
  ImageAnswer,
  ImageRequest,
} from './ai.ts'
import type { AnalyticsSummary } from './analytics.ts'
import { readEventStream } from './eventStream.ts'
import {
  ApiError,
  bodyOf,
  type ClientOptions,
  createRequester,
  expectStatus,
  queryOf,
  type RequestOptions,
  taggedBody,
} from './http.ts'
import type { DeadLetterDetail, DeadLetters, QueueDepth } from './makeline.ts'
import type { Order, OrderPage, OrderStatusChange } from './order.ts'
import type { Problem } from './problem.ts'
import type { NewProduct, Product, ProductQuery } from './product.ts'
import type { OrderState } from './status.ts'

/** Which orders to list; times are ISO 8601. `continuation` is what the page before answered. */
export interface OrderQuery {
  state?: OrderState | undefined
  customerId?: string | undefined
  number?: string | undefined
  from?: string | undefined
  to?: string | undefined
  limit?: number | undefined
  continuation?: string | undefined
}

interface Signalled {
  signal?: AbortSignal | undefined
}

export type AdminClient = ReturnType<typeof createAdminClient>

/** Makes a client. Every call rejects with `ApiError` on an error answer and with the runtime's `TypeError` when offline. */
export function createAdminClient(options: ClientOptions = {}) {
  const { send, json } = createRequester(options)
  const tagged = async <T>(path: string, options?: RequestOptions) => taggedBody<T>(await send(path, options))

  return {
    orders: {
      /** A page of orders, the newest first. */
      list: (query: OrderQuery = {}, options: Signalled = {}) =>
        json<OrderPage>(`/makeline/orders${queryOf({ ...query })}`, options),
      /** Every order that waits for an employee. */
      pending: (options: Signalled = {}) => json<Order[]>('/makeline/order/fetch', options),
      get: (orderId: string, options: Signalled = {}) =>
        tagged<Order>(`/makeline/order/${encodeURIComponent(orderId)}`, options),
      setStatus: async (change: OrderStatusChange) =>
        expectStatus(await send('/makeline/order', { method: 'PUT', body: change }), 202),
    },
    products: {
      list: (query: ProductQuery = {}, options: Signalled = {}) =>
        json<Product[]>(`/products${queryOf({ ...query })}`, options),
      get: (id: number, options: Signalled = {}) => tagged<Product>(`/products/${id}`, options),
      create: (product: NewProduct) => json<Product>('/product', { method: 'POST', body: product }),
      /** Saves a product as long as it is what was read at `etag`; otherwise it rejects with status 412. */
      update: (product: Product, etag: string | null) =>
        tagged<Product>('/product', {
          method: 'PUT',
          body: product,
          headers: etag ? { 'if-match': etag } : {},
        }),
      delete: async (id: number) => expectStatus(await send(`/product/${id}`, { method: 'DELETE' }), 200),
      /** Stores a picture and answers the address to use as a product's `image`. */
      uploadImage: (picture: Blob, options: Signalled = {}) =>
        json<{ image: string }>('/products/images', { ...options, method: 'POST', body: picture }),
    },
    makeline: {
      queue: (options: Signalled = {}) => json<QueueDepth>('/makeline/queue', options),
      deadLetters: (options: Signalled = {}) => json<DeadLetters>('/makeline/dead-letters', options),
      /** A dead letter with what it says. */
      deadLetter: (sequenceNumber: string, options: Signalled = {}) =>
        json<DeadLetterDetail>(`/makeline/dead-letters/${sequenceNumber}`, options),
      /** Puts a dead letter back into the queue. */
      resubmit: async (sequenceNumber: string) =>
        expectStatus(
          await send(`/makeline/dead-letters/${sequenceNumber}/resubmit`, { method: 'POST' }),
          202,
        ),
      /** Throws a dead letter away for good. */
      discard: async (sequenceNumber: string) =>
        expectStatus(await send(`/makeline/dead-letters/${sequenceNumber}`, { method: 'DELETE' }), 204),
    },
    analytics: {
      /** What was sold in a range of time, ISO 8601; the API has a default for what is left out. */
      summary: (range: { from?: string; to?: string } = {}, options: Signalled = {}) =>
        json<AnalyticsSummary>(`/analytics/summary${queryOf({ ...range })}`, options),
    },
    ai: {
      /** What the AI service can do; it rejects where there is none. */
      health: (options: Signalled = {}) => json<AiHealth>('/ai/health', options),
      /** What the AI service can do: nothing where there is none. Quieter than `health`, whose error a browser logs. */
      capabilities: async (options: Signalled = {}) =>
        (await json<AiCapabilities>('/ai/capabilities', options)).capabilities,
      /** Writes a description and calls `onDelta` with each piece as it comes; resolves with the whole text. */
      describe: async (
        request: DescriptionRequest,
        onDelta: (delta: string) => void,
        options: Signalled = {},
      ): Promise<string> => {
        const response = await send('/ai/generate/description', {
          ...options,
          method: 'POST',
          body: request,
          headers: { accept: 'text/event-stream' },
        })
        if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
          return (await bodyOf<DescriptionAnswer>(response)).description
        }
        if (response.body) {
          for await (const { event, data } of readEventStream(response.body)) {
            if (event === 'error') throw new ApiError(JSON.parse(data) as Problem)
            if (event === 'done') return (JSON.parse(data) as DescriptionAnswer).description
            if (event === 'message') onDelta((JSON.parse(data) as { delta: string }).delta)
          }
        }
        throw new TypeError('The description broke off before its end.')
      },
      /** Paints a picture: a URL or a data URL. */
      image: (request: ImageRequest, options: Signalled = {}) =>
        json<ImageAnswer>('/ai/generate/image', { ...options, method: 'POST', body: request }),
    },
  }
}
