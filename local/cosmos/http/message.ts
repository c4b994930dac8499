import { badRequest } from '../errors.ts'

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
