import { type Asked, type ScanContinuation, writeContinuation } from './continuation.ts'
import type { Frame } from './frame.ts'
import { maxKeyBytes, maxPageBytes } from './pageSize.ts'
import type { Plan } from './plan.ts'
import type { CompiledQuery } from './queryCompiler.ts'
import type { PlannedRow, Reading } from './reading.ts'
import type { Json, QueryPage } from './source.ts'

/** The most documents that a page looks at: what matches little answers in pages that are not full. */
const maxDocuments = 20_000

export interface Scan {
  readonly asked: Asked
  readonly compiled: CompiledQuery
  readonly frame: Frame
  readonly plan: Plan
  readonly reading: Reading
  /** The most results. */
  readonly size: number
}

/** A page of a query whose results come as the documents are read. It reads on no further than its last result. */
export function scanPage(scan: Scan, token?: ScanContinuation): QueryPage {
  const { compiled, frame, plan, reading, size } = scan
  const results: Json[] = []
  let offset = token?.offset ?? compiled.offset
  let limit = token?.limit ?? compiled.limit
  let bytes = 0
  let documents = 0
  let last: Pick<PlannedRow, 'range' | 'position'> | undefined
  const page = (rows?: ScanContinuation['rows']): QueryPage => {
    const { index, reverse } = plan
    const at = last
      ? { range: last.range, after: last.position }
      : { range: token?.range ?? 0, after: token?.after }
    const continuation = writeContinuation(scan.asked, {
      kind: 'scan',
      index: index?.name ?? null,
      reverse,
      range: at.range,
      ...(at.after && { after: { key: at.after.key, rid: at.after.rid } }),
      ...(rows && { rows }),
      offset,
      limit,
    })
    return { results, continuation, facts: reading.facts }
  }
  if (limit === 0) return { results, facts: reading.facts }
  const start = token && { range: token.range, ...(token.after && { after: token.after }) }
  for (const row of reading.rows(plan, start)) {
    const { document, position } = row
    const isFull = results.length >= size || bytes >= maxPageBytes || documents >= maxDocuments
    const mayEnd = (last?.position.key.length ?? 0) <= maxKeyBytes
    if (isFull && mayEnd) return page()
    documents++
    frame.documents = (visit) => visit(document)
    const given = token?.rows?.rid === position.rid ? token.rows.count : 0
    let rows = 0
    const stopped = compiled.rows(frame, () => {
      rows++
      if (rows <= given) return false
      const value = compiled.project(frame)
      if (value === undefined) return false
      if (offset > 0) {
        offset--
        return false
      }
      if (results.length >= size && mayEnd) return true
      results.push(value)
      return --limit === 0
    })
    if (limit === 0) return { results, facts: reading.facts }
    // The row that did not fit on the page any more begins the next one.
    if (stopped) return page({ rid: position.rid, count: rows - 1 })
    if (rows > 0) bytes += row.bytes
    last = row
  }
  return { results, facts: reading.facts }
}
