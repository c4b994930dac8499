import { QueryError } from './error.ts'
import type { Evaluate } from './frame.ts'
import type { Json } from './source.ts'
import type { Place } from './tokens.ts'

/** An aggregate function of a query: where its result goes, and what is added up. */
export interface Aggregate {
  readonly slot: number
  readonly name: string
  readonly argument: Evaluate
}

/** What a whole query has in common: parameters, and the places that are taken. */
export interface Compilation {
  readonly parameters: ReadonlyMap<string, Json>
  readonly now: number
  slots: number
}

/** The aliases that an expression may use; those of an outer query, too. */
export class Scope {
  readonly compilation: Compilation
  readonly #outer: Scope | undefined
  readonly #aliases = new Map<string, number>()
  /** The aggregates of the query; undefined where there can be none. */
  aggregates: Aggregate[] | undefined

  constructor(compilation: Compilation, outer?: Scope) {
    this.compilation = compilation
    this.#outer = outer
  }

  /** Whether no alias is known: then a name in FROM is the container, whatever it is called. */
  get isEmpty(): boolean {
    return this.#aliases.size === 0 && (this.#outer?.isEmpty ?? true)
  }

  find(alias: string): number | undefined {
    return this.#aliases.get(alias) ?? this.#outer?.find(alias)
  }

  add(alias: string, place: Place): number {
    if (this.#aliases.has(alias)) {
      throw new QueryError(
        `The input alias '${alias}' is specified more than once in the FROM clause.`,
        'SC2011',
        place,
      )
    }
    const slot = this.newSlot()
    this.#aliases.set(alias, slot)
    return slot
  }

  newSlot(): number {
    return this.compilation.slots++
  }
}
