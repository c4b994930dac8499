import { encodeKey } from '../encodeKey.ts'
import { namesOf, valueAt } from '../path.ts'
import { runQuery } from '../run.ts'
import type {
  Document,
  Index,
  Json,
  Position,
  QueryFacts,
  QueryOptions,
  QuerySpec,
  Row,
  ScanRequest,
  Source,
} from '../source.ts'

export interface MemoryOptions {
  compositeIndexes?: [path: string, order: 'asc' | 'desc'][][]
  /** Paths that the policy excludes. */
  excluded?: string[]
  /** `large` is what asks for indexes to be used, `small` for reading and sorting everything. Without it: as it is. */
  seems?: 'large' | 'small'
}

/** A container in memory, whose indexes are sorted anew for each scan. */
export class MemorySource implements Source {
  readonly documents = new Map<number, Document>()
  readonly compositeIndexes: Index[]
  readonly #options: MemoryOptions
  #last = 0

  constructor(documents: readonly object[], options: MemoryOptions = {}) {
    this.#options = options
    for (const document of documents) this.add(document)
    this.compositeIndexes = (options.compositeIndexes ?? []).map((parts) => ({
      name: JSON.stringify(parts),
      paths: parts.map(([path]) => path),
      orders: parts.map(([, order]) => order),
    }))
  }

  add(document: object): number {
    this.documents.set(++this.#last, document as Document)
    return this.#last
  }

  indexOf(path: string): Index | undefined {
    return this.#options.excluded?.includes(path) ? undefined : { name: path, paths: [path], orders: ['asc'] }
  }

  count(limit: number, within?: Pick<ScanRequest, 'index' | 'from' | 'to'>): number {
    if (!within && this.#options.seems) return this.#options.seems === 'large' ? limit : 0
    return [...this.scan({ index: null, reverse: false, ...within })].slice(0, limit).length
  }

  *scan({ index, from, to, reverse, byNumber, after }: ScanRequest): Generator<Row> {
    const found =
      index === null
        ? undefined
        : (this.compositeIndexes.find(({ name }) => name === index) ?? this.indexOf(index))
    const keyOf = (document: Document) =>
      found
        ? encodeKey(
            found.paths.map((path) => valueAt(document, namesOf(path))),
            found.orders,
          )
        : new Uint8Array()
    const rows = [...this.documents]
      .map(([rid, document]) => ({
        document,
        position: { key: keyOf(document), rid },
        bytes: Buffer.byteLength(JSON.stringify(document)),
      }))
      .filter(
        ({ position: { key } }) =>
          (!from || Buffer.compare(key, from) >= 0) && (!to || Buffer.compare(key, to) < 0),
      )
      .map((row) => (byNumber ? { ...row, position: { key: new Uint8Array(), rid: row.position.rid } } : row))
      .sort((a, b) => comparePositions(a.position, b.position))
    for (const row of reverse ? rows.reverse() : rows) {
      const order = after ? comparePositions(row.position, after) : 1
      if (reverse && after ? order < 0 : order > 0) yield row
    }
  }
}

const comparePositions = (a: Position, b: Position) => Buffer.compare(a.key, b.key) || a.rid - b.rid

/** All pages of a query. */
export function answer(spec: QuerySpec, source: Source, options: QueryOptions = {}) {
  const results: Json[] = []
  const facts: QueryFacts[] = []
  let continuation: string | undefined
  do {
    const page = runQuery(spec, source, { ...options, ...(continuation && { continuation }) })
    results.push(...page.results)
    facts.push(page.facts)
    continuation = page.continuation
  } while (continuation !== undefined)
  return { results, facts, pages: facts.length }
}

/** The results of a query over documents; `parameters` by name, without `@`. */
export const ask = (
  query: string,
  documents: readonly object[] = [],
  parameters: Record<string, Json> = {},
) =>
  answer(
    { query, parameters: Object.entries(parameters).map(([name, value]) => ({ name: `@${name}`, value })) },
    new MemorySource(documents),
  ).results

/** The value of an expression; undefined if it has none. */
export const value = (expression: string, parameters: Record<string, Json> = {}): Json | undefined =>
  ask(`SELECT VALUE ${expression}`, [], parameters)[0]
