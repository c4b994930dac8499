import type { SQLInputValue } from 'node:sqlite'
import { afterPrefix } from '../query/encodeKey.ts'
import type { Document, Index, Path, Row, ScanRequest, Source } from '../query/source.ts'
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
    const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${from} ${whereOf(bounds)} LIMIT ?)`
    return Number(this.#table.store.prepare(sql).get(...bounds.map(({ value }) => value), limit)?.count)
  }

  *scan(request: ScanRequest): Iterable<Row> {
    const { holds } = this.#restriction
    for (const row of request.index === null
      ? this.#byNumber(request)
      : this.#byIndex(request, request.index)) {
      const document = this.#table.documentAt(Number(row.number), Number(row.lsn))
      if (holds && !holds(document)) continue
      yield {
        document,
        position: { key: (row.key as Uint8Array | undefined) ?? empty, rid: Number(row.number) },
        bytes: Number(row.size),
      }
    }
  }

  #byIndex({ from, to, reverse, after }: ScanRequest, index: string) {
    const bounds = [...rangeOf('i.key', from, to), ...this.#bounds]
    const direction = reverse ? 'DESC' : 'ASC'
    const values: SQLInputValue[] = bounds.map(({ value }) => value)
    if (after) {
      bounds.push({ sql: `(i.key, i.number) ${reverse ? '<' : '>'} (?, ?)`, value: after.key })
      values.push(after.key, after.rid)
    }
    // CROSS JOIN: the index leads, whatever SQLite thinks of it.
    const sql = `SELECT i.key, d.number, d.lsn, d.size
      FROM ${this.#table.tableOf(index)} i CROSS JOIN ${this.#table.table} d ON d.number = i.number
      ${whereOf(bounds)} ORDER BY i.key ${direction}, i.number ${direction}`
    return this.#table.store.prepare(sql).iterate(...values)
  }

  #byNumber({ reverse, after }: ScanRequest) {
    const bounds = [...this.#bounds]
    if (after) bounds.push({ sql: `d.number ${reverse ? '<' : '>'} ?`, value: after.rid })
    const order = `ORDER BY d.number ${reverse ? 'DESC' : 'ASC'}`
    const values = bounds.map(({ value }) => value)
    const { store, table } = this.#table
    if (!this.#restriction.partition) {
      const sql = `SELECT d.number, d.lsn, d.size FROM ${table} d ${whereOf(bounds)} ${order}`
      return store.prepare(sql).iterate(...values)
    }
    return this.#inPartition(`SELECT d.number FROM ${table} d ${whereOf(bounds)} ${order}`, values)
  }

  /** The index of the partition has the numbers, in the order of the ids: they are sorted before a document is read. */
  *#inPartition(sql: string, values: SQLInputValue[]) {
    const { store } = this.#table
    for (const row of store.prepare(sql).all(...values)) {
      const stored = this.#table.get(Number(row.number))
      if (stored) yield { number: stored.number, lsn: stored.lsn, size: stored.size, key: undefined }
    }
  }
}

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

const whereOf = (bounds: readonly Bound[]) =>
  bounds.length ? `WHERE ${bounds.map(({ sql }) => sql).join(' AND ')}` : ''
