/** What a function answered, sent as the real host sends it, its refusals included (buffered mode). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpCookie, HttpResponseData, InvocationResponse, TypedData } from '../rpc.ts'
import { HttpError } from './messages.ts'

/**
 * Sends what a function returned: 204 for nothing at all, as the real host does.
 * @returns a sentence where the function's own framing broke the answer, which Kestrel lets it do.
 * @throws {HttpError} for what Kestrel does not send.
 */
export function sendResponse(
  request: IncomingMessage,
  response: ServerResponse,
  { returnValue, outputData }: InvocationResponse,
): string | undefined {
  const answer = (returnValue ?? outputData?.find(({ name }) => name === '$return')?.data)?.http as
    | HttpResponseData
    | undefined
  if (!answer) {
    response.writeHead(204).end()
    return undefined
  }
  const status = Number(answer.statusCode)
  const headers = Object.entries(answer.headers ?? {}).filter(([, value]) => value !== undefined)
  const cookies = answer.cookies?.map(formatCookie) ?? []
  for (const [name, value] of headers) {
    if (/[^\t\x20-\x7e]/.test(value))
      throw new HttpError(500, `Header "${name}" of the answer is not ASCII: encode its value.`)
  }
  const body = bodyBytes(answer.body)
  const bodiless = request.method === 'HEAD' || [204, 205, 304].includes(status)
  const length = Number(answer.headers?.['content-length'] ?? body.length)
  if (!bodiless && body.length > length) {
    throw new HttpError(
      500,
      `The answer has more bytes (${body.length}) than its content-length (${length}).`,
    )
  }

  response.statusCode = status
  for (const [name, value] of headers) {
    if (name !== 'connection' || !response.hasHeader(name)) response.setHeader(name, value)
  }
  if (cookies.length > 0) response.appendHeader('set-cookie', cookies)
  if (bodiless) {
    response.end(body)
  } else if (response.hasHeader('transfer-encoding')) {
    response.flushHeaders()
    // Kestrel leaves the chunks to whoever announces them.
    response.chunkedEncoding = false
    response.end(body, () => request.socket.destroySoon())
    return 'The answer announces a transfer-encoding of its own, which no client can read: leave the header out.'
  } else if (body.length < length) {
    response.write(body, () => response.destroy())
    return `The answer has fewer bytes (${body.length}) than its content-length (${length}).`
  } else {
    response.end(body)
  }
  return undefined
}

function bodyBytes(body: TypedData | null | undefined): Uint8Array {
  return body?.bytes ?? Buffer.from(body?.string ?? body?.json ?? '')
}

/** @throws {HttpError} when the name is no token of HTTP. */
function formatCookie(cookie: HttpCookie): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(cookie.name))
    throw new HttpError(
      500,
      `A cookie of the answer has a name that is none: ${JSON.stringify(cookie.name)}.`,
    )
  const parts = [`${cookie.name}=${escapeData(cookie.value)}`]
  if (cookie.expires) parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`)
  if (cookie.maxAge) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`)
  if (cookie.domain) parts.push(`domain=${cookie.domain.value}`)
  // Without a path a browser would keep it for the folder of the address that set it.
  parts.push(`path=${cookie.path?.value ?? '/'}`)
  if (cookie.secure?.value) parts.push('secure')
  const sameSite = cookie.sameSite === 'explicitNone' ? 'none' : cookie.sameSite
  if (sameSite && cookie.sameSite !== 'none') parts.push(`samesite=${sameSite}`)
  if (cookie.httpOnly?.value) parts.push('httponly')
  return parts.join('; ')
}

/** .NET's `Uri.EscapeDataString` leaves fewer characters than JavaScript. */
function escapeData(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
