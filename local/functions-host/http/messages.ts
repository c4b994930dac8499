/** HTTP requests and answers, between `node:http` and the shapes of the programming model (buffered mode). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpCookie, HttpRequestData, HttpResponseData, InvocationResponse, TypedData } from '../rpc.ts'

/** The real host's limit on a body, in bytes. */
const defaultBodyLimit = 104_857_600

/** The client sent what cannot be served; `status` is the answer. */
export class BadRequestError extends Error {
  override name = 'BadRequestError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * The absolute URL of a request.
 * @throws {BadRequestError} when target or `Host` header cannot be one.
 */
export function requestUrl(request: IncomingMessage): URL {
  const target = request.url ?? '/'
  const host = request.headers.host ?? 'localhost'
  // The origin is taken from the Host header alone: a target like `//elsewhere` must stay a path.
  // A backslash is no slash, and a hash that was sent belongs to the path.
  const path = target.replaceAll('\\', '%5C').replaceAll('#', '%23')
  const url = target.startsWith('/') ? URL.parse(`http://${host}${path}`) : URL.parse(target)
  if (!url || /[\s/?#@\\]/.test(host))
    throw new BadRequestError(400, 'The request target or the Host header is malformed.')
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
 * A request as the model takes it. As in the real host a body is read only when `Content-Length` announces one, and
 * repeated query parameters are joined by commas.
 * @throws {BadRequestError} when the body is too large or ends early.
 */
export async function readRequest(
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
): Promise<HttpRequestData> {
  const data: HttpRequestData = {
    method: request.method ?? 'GET',
    url: url.href,
    headers: flatHeaders(request),
    params,
    query: url.search ? flatQuery(url) : {},
  }
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > 0) data.body = { bytes: await readBody(request) }
  else request.resume()
  return data
}

function flatQuery(url: URL): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of url.searchParams) {
    const known = Object.hasOwn(query, name) ? query[name] : undefined
    Object.defineProperty(query, name, {
      value: known === undefined ? value : `${known},${value}`,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return query
}

/** @throws {BadRequestError} when a body is announced that is larger than the real host takes. */
export function refuseLargeBody(request: IncomingMessage): void {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length === 0) return
  const limit = Number(process.env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT ?? defaultBodyLimit)
  if (length > limit) throw new BadRequestError(413, `The body is larger than ${limit} bytes.`)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  refuseLargeBody(request)
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk)
  } catch {
    throw new BadRequestError(400, 'The body ended early.')
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}

/** Sends what a function returned: 204 for nothing at all, as the real host does. */
export function sendResponse(
  response: ServerResponse,
  { returnValue, outputData }: InvocationResponse,
  http: string,
): void {
  const answer = (returnValue ?? outputData?.find(({ name }) => name === http)?.data)?.http as
    | HttpResponseData
    | undefined
  if (!answer) {
    response.writeHead(204).end()
    return
  }
  response.statusCode = Number(answer.statusCode)
  for (const name in answer.headers) {
    const value = answer.headers[name]
    if (value !== undefined && !isFraming(name)) response.setHeader(name, value)
  }
  if (answer.cookies?.length) response.appendHeader('set-cookie', answer.cookies.map(formatCookie))
  response.end(bodyBytes(answer.body))
}

/** Headers that frame the message on this connection: those are the server's to write. */
function isFraming(name: string): boolean {
  return (
    name === 'transfer-encoding' ||
    name === 'connection' ||
    name === 'keep-alive' ||
    name === 'content-length'
  )
}

function bodyBytes(body: TypedData | null | undefined): Uint8Array | string | undefined {
  return body?.bytes ?? body?.string ?? body?.json
}

function formatCookie(cookie: HttpCookie): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`]
  if (cookie.maxAge) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`)
  if (cookie.domain) parts.push(`domain=${cookie.domain.value}`)
  // Without a path a browser would keep it for the folder of the address that set it.
  parts.push(`path=${cookie.path?.value ?? '/'}`)
  if (cookie.expires) parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`)
  if (cookie.secure?.value) parts.push('secure')
  const sameSite = cookie.sameSite === 'explicitNone' ? 'none' : cookie.sameSite
  if (sameSite && cookie.sameSite !== 'none') parts.push(`samesite=${sameSite}`)
  if (cookie.httpOnly?.value) parts.push('httponly')
  return parts.join('; ')
}
