import { type Asked, type SortContinuation, writeContinuation } from './continuation.ts'
import { encodeKey } from './encodeKey.ts'
import type { Frame } from './frame.ts'
import { maxKeyBytes, maxPageBytes } from './pageSize.ts'
import { type CompiledQuery, groupsOf } from './queryCompiler.ts'
import type { Reading } from './reading.ts'
import { collect, type Entry } from './sorting.ts'
import type { QueryPage } from './source.ts'

export interface Sort {
  readonly asked: Asked
  readonly compiled: CompiledQuery
  /** Its documents are those that the query goes through. */
  readonly frame: Frame
  readonly reading: Reading
  /** The most results. */
  readonly size: number
  /** Whether rows come one by one from documents, so that documents tell those of the same order apart. */
  readonly isDocumentWise: boolean
}

/** A page of a query that must see all its rows first: groups, distinct results, an order that no index has. */
export function sortedPage(sort: Sort, token?: SortContinuation): QueryPage {
  const { compiled, reading, size, asked } = sort
  const limit = token?.limit ?? compiled.limit
  const offset = token ? 0 : compiled.offset
  const entries = limit === 0 ? [] : entriesOf(sort, offset + size + 1, token?.after).slice(offset)
  let count = 0
  let bytes = 0
  for (const { value } of entries) {
    if (count >= limit) break
    const isFull = count >= size || bytes >= maxPageBytes
    if (isFull && (entries[count - 1]?.key.length ?? 0) <= maxKeyBytes) break
    count++
    bytes += JSON.stringify(value).length
  }
  const results = entries.slice(0, count).map(({ value }) => value)
  const last = entries[count - 1]
  if (!last || count >= limit || count >= entries.length) return { results, facts: reading.facts }
  const continuation = writeContinuation(asked, { kind: 'sort', after: last.key, limit: limit - count })
  return { results, continuation, facts: reading.facts }
}

function entriesOf(
  { compiled, frame, reading, isDocumentWise }: Sort,
  most: number,
  after?: Uint8Array,
): Entry[] {
  if (compiled.groups) {
    return groupsOf(compiled, frame).flatMap(({ key, value }) =>
      value === undefined || (after && Buffer.compare(key, after) <= 0) ? [] : [{ key, value }],
    )
  }
  let rid = -1
  let row = 0
  const tie = () => {
    row = reading.rid === rid ? row + 1 : 0
    rid = reading.rid
    return encodeKey([rid, row])
  }
  return collect(compiled, frame, { most, ...(after && { after }), ...(isDocumentWise && { tie }) })
}
