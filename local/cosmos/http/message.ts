import { badRequest } from '../errors.ts'
import type { QuerySpec } from '../query/index.ts'

/** A request, whole. */
export interface Request {
  readonly method: string
  /** The parts of the address, decoded: `dbs`, a name, `colls`, … */
  readonly segments: readonly string[]
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

export interface Response {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** JSON */
  readonly body?: string
  /** In request units. */
  readonly charge: number
}

/** The body as JSON. @throws 400 */
export function jsonOf({ body }: Request): unknown {
  try {
    // A BOM is no JSON, but some clients send it.
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''))
  } catch {
    throw badRequest('The input content is invalid: the body is no JSON.')
  }
}

export const isTrue = (value: string | undefined): boolean => value?.toLowerCase() === 'true'

/** The most entries of a page, by `x-ms-max-item-count`; undefined leaves it to the service. */
export function maxItemCountOf({ headers }: Request): number | undefined {
  const text = headers['x-ms-max-item-count']
  if (text === undefined || text === '') return undefined
  const count = Number(text)
  if (!Number.isInteger(count) || count < -1)
    throw badRequest(`x-ms-max-item-count is -1 or a whole number above it, not "${text}".`)
  return count
}

/** The body as a query with its parameters. @throws 400 */
export function querySpecOf(request: Request): QuerySpec {
  const body = jsonOf(request)
  const spec = (typeof body === 'string' ? { query: body } : body) as QuerySpec | null
  if (typeof spec?.query !== 'string')
    throw badRequest('The body of a query has the text of the query, in "query".')
  const { parameters } = spec
  if (parameters === undefined || parameters === null) return { query: spec.query }
  const isSound =
    Array.isArray(parameters) &&
    parameters.every(
      (one: { name?: unknown } | null) => typeof one?.name === 'string' && one.name.startsWith('@'),
    )
  if (!isSound)
    throw badRequest('The parameters of a query are a list of names that begin with @, and values.')
  return { query: spec.query, parameters }
}
