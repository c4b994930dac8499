/** What the clients of the API stand on: one request, its problem document when it fails. It imports types only. */
import type { Problem } from './problem.ts'

/** An answer that is not a success; `problem` is the API's own account of it. */
export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.name = 'ApiError'
    this.problem = problem
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

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Sent as JSON, but for a Blob, which is sent as it is under its own media type. */
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
}

export type Requester = ReturnType<typeof createRequester>

/** Makes the function that sends one request. It rejects with `ApiError` on an error answer and with the runtime's `TypeError` when offline. */
export function createRequester({
  baseUrl = '',
  fetch = globalThis.fetch.bind(globalThis),
  headers = {},
}: ClientOptions = {}) {
  async function send(
    path: string,
    { method = 'GET', body, headers: more = {}, signal }: RequestOptions = {},
  ) {
    const response = await fetch(`${baseUrl}/api${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': mediaTypeOf(body) }),
        ...headers,
        ...more,
      },
      ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
    if (!response.ok && response.status !== 304) throw await errorOf(response)
    return response
  }

  const json = async <T>(path: string, options?: RequestOptions): Promise<T> =>
    bodyOf<T>(await send(path, options))

  return { send, json }
}

/**
 * The JSON of a success. Empty, or of another kind (the page of a sign-in, a proxy's), it is no answer of the API.
 * @throws {ApiError} with the status 502.
 */
export async function bodyOf<T>(response: Response): Promise<T> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false
  const body = isJson ? await response.json().catch(rethrowLost) : null
  if (body === null || typeof body !== 'object') throw noAnswer()
  return body as T
}

/** A body that broke off is a lost connection; one that came whole and is no JSON is no answer. */
function rethrowLost(error: unknown) {
  if (error instanceof SyntaxError) return null
  throw error
}

/** The API's own success without a body, and no other: a server in between may answer with 200 of its own, or a page. */
export function expectStatus(response: Response, status: number): void {
  if (response.status !== status || response.headers.get('content-type')?.includes('html')) throw noAnswer()
}

/** What to throw where a success is not of the API's shape: nothing is known of what was asked. */
export const noAnswer = () =>
  new ApiError({
    type: 'about:blank',
    title: 'No answer',
    status: 502,
    detail: 'What came was no answer of the store.',
  })

/** An answer's body with its ETag. */
export const taggedBody = async <T>(response: Response): Promise<Tagged<T>> => ({
  value: await bodyOf<T>(response),
  etag: response.headers.get('etag'),
})

/** Writes a query string of the parameters that are set; "" when none is. */
export function queryOf(parameters: Record<string, string | number | null | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value))
  }
  return query.size ? `?${query}` : ''
}

const mediaTypeOf = (body: unknown) =>
  body instanceof Blob ? body.type || 'application/octet-stream' : 'application/json'

/** An error of the API says what it is; of one that comes from a server in between only the status is sure. */
async function errorOf(response: Response): Promise<ApiError> {
  const { status, statusText, headers } = response
  const isJson = headers.get('content-type')?.includes('json') ?? false
  const body: unknown = isJson ? await response.json().catch(() => null) : null
  const bare = { type: 'about:blank', title: statusText || `HTTP ${status}`, status }
  return new ApiError(isProblem(body) ? { ...body, status } : bare)
}

const isProblem = (body: unknown): body is Problem => {
  const { title, detail = '', errors = [] } = (body ?? {}) as Record<string, unknown>
  return typeof title === 'string' && typeof detail === 'string' && Array.isArray(errors)
}
