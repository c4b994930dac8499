import type { Plan } from './plan.ts'
import type { Document, Position, QueryFacts, Row, Source } from './source.ts'

/** Where in a plan to begin. */
export interface Start {
  readonly range: number
  readonly after?: Position
}

/** A row, and the number of the range that it lies in. */
export interface PlannedRow extends Row {
  readonly range: number
}

/** Reads the documents of a query, and counts what it reads. */
export class Reading {
  readonly #source: Source
  #documents = 0
  #bytes = 0
  #lookups = 0
  #index: string | null = null
  /** The number of the document that was read last. */
  rid = 0

  constructor(source: Source) {
    this.#source = source
  }

  get facts(): QueryFacts {
    return {
      documentsRead: this.#documents,
      bytesRead: this.#bytes,
      index: this.#index,
      lookups: this.#lookups,
    }
  }

  *rows(
    { index, ranges, reverse, byNumber = false }: Plan,
    start: Start = { range: 0 },
  ): Generator<PlannedRow> {
    this.#index = index?.name ?? null
    for (let range = start.range; range < ranges.length; range++) {
      this.#lookups++
      const request = { index: this.#index, reverse, byNumber, ...ranges[range] }
      const after = range === start.range ? start.after : undefined
      for (const row of this.#source.scan({ ...request, ...(after && { after }) })) {
        this.#documents++
        this.#bytes += row.bytes
        this.rid = row.position.rid
        yield { ...row, range }
      }
    }
  }

  /** Visits the documents of a plan until `visit` says true. */
  planned(plan: Plan, visit: (document: Document) => boolean): boolean {
    for (const { document } of this.rows(plan)) if (visit(document)) return true
    return false
  }
}
