/** The edge of the app: reads requests into checked values and writes answers, errors included. */

import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions'
import { limits } from '@store/contract'
import type * as z from 'zod'
import { config } from './config.ts'
import { refuseCrossSite } from './crossSite.ts'
import { entityTag, matchesWeakly } from './etag.ts'
import type { User } from './principal.ts'
import { asProblem, invalid, ProblemError } from './problem.ts'
import { requireAdmin } from './signIn.ts'
import { inRequest } from './telemetry/invocation.ts'
import { outsideOfTraces, traceparent } from './telemetry/tracing.ts'

type Handler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>
type AdminHandler = (
  request: HttpRequest,
  context: InvocationContext,
  user: User,
) => Promise<HttpResponseInit>

/**
 * A handler that anyone may call, but for a change that another site's page has a browser ask for. Whatever it throws
 * becomes a problem document. It continues the caller's trace.
 */
export function open(handler: Handler): HttpHandler {
  return (request, context) => inRequest(request, context, () => answer(handler, request, context))
}

/** The same for what is asked every few seconds by machines, and is no part of any trace. */
export function untraced(handler: Handler): HttpHandler {
  return (request, context) => outsideOfTraces(() => answer(handler, request, context))
}

async function answer(handler: Handler, request: HttpRequest, context: InvocationContext) {
  try {
    refuseCrossSite(request.method, request.headers, config().trustedOrigins)
    return secured(await handler(request, context), context)
  } catch (error) {
    return secured(problemResponse(error, context), context)
  }
}

/** What no route of the app takes: the host alone would answer without a word. */
export const unknownRoute = open(async ({ method, url }) => {
  throw new ProblemError(404, `There is no ${method} ${new URL(url).pathname} here.`)
})

/** A handler for signed-in employees: 401 without a sign-in, 403 without the role `admin`. */
export function adminOnly(handler: AdminHandler): HttpHandler {
  return open(async (request, context) => handler(request, context, await requireAdmin(request.headers)))
}

/**
 * The bytes of a request's body.
 * @throws {ProblemError} 413 larger than `mostBytes`; where the request says its length, before anything is read.
 */
export async function readBytes(request: HttpRequest, mostBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new ProblemError(413, `The body must not be larger than ${mostBytes} bytes.`)
  if (Number(request.headers.get('content-length')) > mostBytes) throw tooLarge()
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.byteLength > mostBytes) throw tooLarge()
  return bytes
}

/**
 * The JSON body of a request, checked against a schema.
 * @throws {ProblemError} 415 (not JSON by its type), 413 (too large), 400 (not JSON, or not of the shape; names the fields).
 */
export async function readBody<S extends z.ZodType>(
  request: HttpRequest,
  schema: S,
  mostBytes: number = limits.body,
): Promise<z.output<S>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== 'application/json' && !type.endsWith('+json')) {
    throw new ProblemError(415, 'The body must be JSON with the content type application/json.')
  }
  const bytes = await readBytes(request, mostBytes)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalid('The body is not JSON in UTF-8.', [{ pointer: '', detail: 'is not JSON' }])
  }
  return check(value, schema)
}

/**
 * The parameters in a request's query, checked against a schema; what it does not name is ignored.
 * @throws {ProblemError} 400 naming the parameters at fault.
 */
export const readQuery = <S extends z.ZodType>(request: HttpRequest, schema: S): z.output<S> =>
  check(Object.fromEntries(request.query), schema)

/**
 * A value checked against a schema.
 * @throws {ProblemError} 400 naming the fields at fault by JSON pointer.
 */
export function check<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues
    .slice(0, 50)
    .map(({ path, message }) => ({ pointer: pointer(path), detail: inPlainWords(message) }))
  throw invalid('The request is not valid.', errors)
}

/** The schema library's words for a field that is not there mean something to programmers only. */
const inPlainWords = (message: string) => (message.endsWith('received undefined') ? 'is missing' : message)

const pointer = (path: PropertyKey[]) =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** An answer with an entity tag, or 304 when the client has that version already. */
export function tagged(
  request: HttpRequest,
  etag: string,
  body: unknown,
  headers: Record<string, string> = {},
): HttpResponseInit {
  const tag = entityTag(etag)
  const unchanged = matchesWeakly(request.headers.get('if-none-match'), tag)
  return unchanged
    ? { status: 304, headers: { ...headers, etag: tag } }
    : { jsonBody: body, headers: { ...headers, etag: tag } }
}

/** Whether a change may go on: the client did not ask that the thing be still as it read it, or it is. */
export function precondition(request: HttpRequest): (etag: string) => boolean {
  const wanted = request.headers.get('if-match')
  // A proxy that compresses an answer makes its tag a weak one; it still names the version.
  return (etag) => wanted === null || matchesWeakly(wanted, entityTag(etag))
}

function problemResponse(error: unknown, context: InvocationContext): HttpResponseInit {
  const problem = asProblem(error)
  if (problem.status >= 500) context.error(problem.message, problem.cause)
  return {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(problem.retryAfter ? { 'retry-after': String(problem.retryAfter) } : {}),
      ...(problem.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body: JSON.stringify({ ...problem.document(), instance: `urn:uuid:${context.invocationId}` }),
  }
}

/** Answers of the API are data: never sniffed, framed, or kept by a cache that does not ask again. Each has an id, which the log has too. */
function secured(response: HttpResponseInit, { invocationId }: InvocationContext): HttpResponseInit {
  const trace = traceparent()
  return {
    ...response,
    headers: {
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-request-id': invocationId,
      ...(trace && { traceparent: trace }),
      // So a page learns without asking that it may tell of itself (POST /api/rum), and whether this trace is kept.
      ...(trace && config().telemetry?.browser && { 'server-timing': `traceparent;desc="${trace}"` }),
      ...(response.headers as Record<string, string> | undefined),
    },
  }
}
