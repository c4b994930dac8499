/**
 * The typed HTTP client of the store's API, for web apps, simulators and tests.
 * It imports types only, so a browser bundle that uses it carries no schema code.
 */
import type { Health } from './health.ts'
import type { NewOrder, Order, OrderStatusChange } from './order.ts'
import type { Problem } from './problem.ts'
import type { NewProduct, Product } from './product.ts'

/** An answer that is not a success; `problem` is the API's own account of it. */
export class ApiError extends Error {
  readonly problem: Problem
  /** Seconds to wait before trying again, where the API said so. */
  readonly retryAfter: number | undefined

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.detail ?? problem.title)
    this.name = 'ApiError'
    this.problem = problem
    this.retryAfter = retryAfter
  }

  get status() {
    return this.problem.status
  }
}

/** A value with the ETag it was read at, for conditional requests. */
export interface Tagged<T> {
  value: T
  etag: string | null
}

export interface ClientOptions {
  /** Origin of the API, "" for the page's own. */
  baseUrl?: string
  fetch?: typeof globalThis.fetch
  /** Headers sent with each request, e.g. a bearer token. */
  headers?: Record<string, string>
}

export type Client = ReturnType<typeof createClient>

interface Options {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
}

/** Makes a client. Every call rejects with `ApiError` on an error answer and with the runtime's `TypeError` when offline. */
export function createClient({
  baseUrl = '',
  fetch = globalThis.fetch.bind(globalThis),
  headers = {},
}: ClientOptions = {}) {
  async function send(path: string, { method = 'GET', body, headers: more = {}, signal }: Options = {}) {
    const response = await fetch(`${baseUrl}/api${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
        ...more,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
    if (!response.ok && response.status !== 304) throw await errorOf(response)
    return response
  }

  const json = async <T>(path: string, options?: Options): Promise<T> =>
    (await send(path, options)).json() as Promise<T>

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

async function errorOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after')) || undefined
  const isProblem = response.headers.get('content-type')?.includes('json') ?? false
  const problem = isProblem ? ((await response.json().catch(() => null)) as Problem | null) : null
  return new ApiError(
    problem ?? {
      type: 'about:blank',
      title: response.statusText || `HTTP ${response.status}`,
      status: response.status,
    },
    retryAfter,
  )
}
