/** HTTP requests, between `node:http` and the shapes of the programming model. */
import type { IncomingMessage } from 'node:http'
import type { HttpRequestData } from '../rpc.ts'
import { encodedAgain, readQuery } from './encoding.ts'

/** The real host's limit on a body, in bytes. */
const defaultBodyLimit = 104_857_600

/** What cannot be served, or answered. The answer is `status` and no more, as in the real host; the log says why. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * The absolute URL of a request.
 * @throws {HttpError} when target or `Host` header cannot be one; an empty `Host`, which HTTP allows, is none for
 * functions (as seen beside the real host).
 */
export function requestUrl(request: IncomingMessage): URL {
  const target = request.url ?? '/'
  const host = request.headers.host ?? 'localhost'
  if (host === '') throw new HttpError(500, 'The Host header is empty.')
  // The origin is taken from the Host header alone: a target like `//elsewhere` must stay a path.
  // A backslash is no slash, and a hash that was sent belongs to the path.
  const path = target.replaceAll('\\', '%5C').replaceAll('#', '%23')
  const url = target.startsWith('/') ? URL.parse(`http://${host}${path}`) : URL.parse(target)
  if (!url || /[\s/?#@\\]/.test(host))
    throw new HttpError(400, 'The request target or the Host header is malformed.')
  return url
}

/**
 * The text of a header, which the real host reads as UTF-8. What no header of the Fetch standard can hold, a euro sign
 * say, stays as it came: the programming model would refuse the whole request.
 */
export function headerText(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value)) return value
  const text = Buffer.from(value, 'latin1').toString()
  return /[^\p{ASCII}\u0080-\u00ff]/u.test(text) ? value : text
}

/** A header's lines as one, which is how the real host passes them. */
export function flatHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name in request.headers) {
    const value = request.headers[name]
    if (value !== undefined) headers[name] = headerText(typeof value === 'string' ? value : value.join(','))
  }
  return headers
}

/**
 * A request as the model takes it. As in the real host a body is read only when `Content-Length` announces one.
 * @throws {HttpError} when the body is too large or ends early.
 */
export async function readRequest(
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
): Promise<HttpRequestData> {
  const data: HttpRequestData = {
    method: request.method ?? 'GET',
    url: url.origin + encodedAgain(url.pathname, false) + url.search,
    headers: flatHeaders(request),
    params,
    query: url.search ? readQuery(url.search) : {},
  }
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > 0) data.body = { bytes: await readBody(request) }
  else request.resume()
  return data
}

/** @throws {HttpError} when a body is announced that is larger than the real host takes. */
export function refuseLargeBody(request: IncomingMessage): void {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length === 0) return
  const limit = Number(process.env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? defaultBodyLimit)
  if (length > limit) throw new HttpError(500, `The body is larger than ${limit} bytes.`)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  refuseLargeBody(request)
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk)
  } catch {
    throw new HttpError(400, 'The body ended early.')
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}
