import type { SQLInputValue } from 'node:sqlite'
import { afterPrefix } from '../query/encodeKey.ts'
import type { Document, Index, Path, Position, Row, ScanRequest, Source } from '../query/source.ts'
import type { DocumentTable } from './documentTable.ts'

export interface Restriction {
  /** Only documents whose encoded partition key begins with these bytes. */
  readonly partition?: Uint8Array
  /** Only documents for which this holds. */
  readonly holds?: (document: Document) => boolean
}

/** The documents of a container, or of one partition of it, as a query reads them. */
export class TableSource implements Source {
  readonly compositeIndexes: readonly Index[]
  readonly #table: DocumentTable
  readonly #isIndexed: (path: Path) => boolean
  readonly #restriction: Restriction
  readonly #bounds: Bound[]

  constructor(
    table: DocumentTable,
    policy: { composites: readonly Index[]; isIndexed: (path: Path) => boolean },
    restriction: Restriction = {},
  ) {
    this.#table = table
    this.compositeIndexes = policy.composites
    this.#isIndexed = policy.isIndexed
    this.#restriction = restriction
    this.#bounds = restriction.partition ? boundsOf('d.partition', restriction.partition) : []
  }

  indexOf(path: Path): Index | undefined {
    if (!this.#isIndexed(path)) return undefined
    const existing = this.#table.index(path)
    if (existing) return existing
    const index: Index = { name: path, paths: [path], orders: ['asc'] }
    this.#table.createIndex(index)
    return index
  }

  count(limit: number, within?: Pick<ScanRequest, 'index' | 'from' | 'to'>): number {
    const bounds = within?.index == null ? this.#bounds : rangeOf('i.key', within.from, within.to)
    const from = within?.index == null ? `${this.#table.table} d` : `${this.#table.tableOf(within.index)} i`
    const sql = `SELECT count(*) FROM (SELECT 1 FROM ${from} ${whereOf(bounds.map(({ sql }) => sql))} LIMIT ?)`
    const [row] = this.#table.store.rows(sql, [...bounds.map(({ value }) => value), limit])
    return Number(row?.[0])
  }

  *scan(request: ScanRequest): Iterable<Row> {
    const { holds } = this.#restriction
    for (const position of this.#positions(request)) {
      const { document, size } = this.#table.parsed(position.rid)
      if (holds && !holds(document)) continue
      yield { document, position, bytes: size }
    }
  }

  /** Where the documents stand, in steps that grow: who stops early has read little. */
  *#positions(request: ScanRequest): Iterable<Position> {
    const { index, byNumber } = request
    // In an order that is not the one of what is read, all must be seen before the first is known.
    const isSorted = index === null ? this.#restriction.partition !== undefined : byNumber === true
    let { after } = request
    for (let limit = isSorted ? -1 : firstStep; ; limit = Math.min(limit * 4, largestStep)) {
      const positions = this.#positionsAfter(request, after, limit)
      yield* positions
      if (limit < 0 || positions.length < limit) return
      after = positions.at(-1)
    }
  }

  #positionsAfter(request: ScanRequest, after: Position | undefined, limit: number): Position[] {
    const { index, from, to, reverse, byNumber } = request
    const direction = reverse ? 'DESC' : 'ASC'
    const beyond = reverse ? '<' : '>'
    const table = `${this.#table.table} d`
    const byKey = index !== null && !byNumber
    const source = index === null ? table : `${this.#table.tableOf(index)} i`
    // CROSS JOIN: the index leads, whatever SQLite thinks of it.
    const joined = index !== null && this.#bounds.length ? `CROSS JOIN ${table} ON d.number = i.number` : ''
    const number = index === null ? 'd.number' : 'i.number'
    const bounds = [...(index === null ? [] : rangeOf('i.key', from, to)), ...this.#bounds]
    const values = bounds.map(({ value }) => value)
    const conditions = bounds.map(({ sql }) => sql)
    if (after) {
      conditions.push(byKey ? `(i.key, i.number) ${beyond} (?, ?)` : `${number} ${beyond} ?`)
      values.push(...(byKey ? [after.key, after.rid] : [after.rid]))
    }
    const rows = this.#table.store.rows(
      `SELECT ${number}${byKey ? ', i.key' : ''} FROM ${source} ${joined} ${whereOf(conditions)}
        ORDER BY ${byKey ? `i.key ${direction}, ` : ''}${number} ${direction} LIMIT ?`,
      [...values, limit],
    )
    return rows.map(([rid, key]) => ({ key: (key as Uint8Array | undefined) ?? empty, rid: Number(rid) }))
  }
}

/** How many positions are read at a time. */
const firstStep = 64
const largestStep = 1024

const empty = new Uint8Array()

interface Bound {
  readonly sql: string
  readonly value: SQLInputValue
}

function rangeOf(column: string, from: Uint8Array | undefined, to: Uint8Array | undefined): Bound[] {
  return [
    ...(from ? [{ sql: `${column} >= ?`, value: from }] : []),
    ...(to ? [{ sql: `${column} < ?`, value: to }] : []),
  ]
}

const boundsOf = (column: string, prefix: Uint8Array) => rangeOf(column, prefix, afterPrefix(prefix))

const whereOf = (conditions: readonly string[]) =>
  conditions.length ? `WHERE ${conditions.join(' AND ')}` : ''
