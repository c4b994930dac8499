import { createHash } from 'node:crypto'
import { QueryError } from './error.ts'
import type { QuerySpec } from './source.ts'

/** Where the next page of a query begins: the position of a document or of a result, never a count of them. */
export type Continuation = ScanContinuation | SortContinuation

export interface ScanContinuation {
  readonly kind: 'scan'
  readonly index: string | null
  readonly reverse: boolean
  /** The number of the range, and the position in it behind which to go on; without it, from its beginning. */
  readonly range: number
  readonly after?: { readonly key: Uint8Array; readonly rid: number }
  /** So many rows of the next document, if it is this one, were given already. */
  readonly rows?: { readonly rid: number; readonly count: number }
  /** What OFFSET still passes over, and LIMIT or TOP still lets through. */
  readonly offset: number
  readonly limit: number
}

export interface SortContinuation {
  readonly kind: 'sort'
  /** The key of the last result. */
  readonly after: Uint8Array
  readonly limit: number
}

/** A query, and of whom it is asked. */
export interface Asked extends QuerySpec {
  readonly owner?: string | undefined
}

/** A token that stands in a header: of letters, digits, `-` and `_`. */
export function writeContinuation(asked: Asked, continuation: Continuation): string {
  const text = JSON.stringify([version, hashOf(asked), continuation], (_, value: unknown) =>
    value === Number.POSITIVE_INFINITY
      ? { infinite: true }
      : value instanceof Uint8Array
        ? { bytes: Buffer.from(value).toString('base64') }
        : isBufferJson(value)
          ? { bytes: Buffer.from(value.data).toString('base64') }
          : value,
  )
  return Buffer.from(text).toString('base64url')
}

/** Throws `QueryError` for what is no token of this query of this owner. */
export function readContinuation(asked: Asked, token: string): Continuation {
  let parts: unknown
  try {
    parts = JSON.parse(
      Buffer.from(token, 'base64url').toString(),
      (_, value: { infinite?: true; bytes?: string }) =>
        value?.infinite
          ? Number.POSITIVE_INFINITY
          : typeof value?.bytes === 'string'
            ? Buffer.from(value.bytes, 'base64')
            : value,
    )
  } catch {
    throw invalid()
  }
  if (!Array.isArray(parts) || parts[0] !== version || parts[1] !== hashOf(asked)) throw invalid()
  const continuation = parts[2] as Continuation
  if (!isSound(continuation)) throw invalid()
  return continuation
}

export const invalid = (why = 'it is not one of this query'): QueryError =>
  new QueryError(`Invalid Continuation Token: ${why}.`)

const version = 2

/** A token goes with its query, its parameters and its container only: one that was made anew has other documents. */
const hashOf = ({ query, parameters = [], owner = '' }: Asked) =>
  createHash('sha256')
    .update(JSON.stringify([query, parameters, owner]))
    .digest('base64url')
    .slice(0, 16)

/** What `JSON.stringify` makes of a Buffer before a replacer sees it. */
const isBufferJson = (value: unknown): value is { data: number[] } =>
  (value as { type?: unknown } | null)?.type === 'Buffer' && Array.isArray((value as { data?: unknown }).data)

/** Tokens come from outside: nothing in them may be of another type. */
function isSound(token: Continuation): boolean {
  const isCount = (value: unknown) => typeof value === 'number' && value >= 0
  if (token?.kind === 'sort') return token.after instanceof Uint8Array && isCount(token.limit)
  if (token?.kind !== 'scan') return false
  const { index, reverse, range, after, rows, offset, limit } = token
  return (
    (index === null || typeof index === 'string') &&
    typeof reverse === 'boolean' &&
    [range, offset, limit].every(isCount) &&
    (!after || (after.key instanceof Uint8Array && Number.isSafeInteger(after.rid))) &&
    (!rows || (Number.isSafeInteger(rows.rid) && isCount(rows.count)))
  )
}
