import { encodeKey } from './encodeKey.ts'
import type { Evaluate, Frame, Rows } from './frame.ts'
import type { Json } from './source.ts'

/** A result and where it stands among the others. */
export interface Entry {
  readonly key: Uint8Array
  readonly value: Json
}

interface Sorted {
  readonly rows: Rows
  readonly project: Evaluate
  readonly distinct: boolean
  readonly orderBy: readonly { readonly value: Evaluate; readonly order: 'asc' | 'desc' }[]
}

export interface CollectOptions {
  /** Only entries behind this key. */
  readonly after?: Uint8Array
  /** The first so many entries; without it, all. */
  readonly most?: number
  /** What tells rows of the same order apart, growing with their own order; without it: how they come. */
  readonly tie?: () => Uint8Array
}

/**
 * The results in the order of ORDER BY, each with a key by which a later page goes on. Of DISTINCT results the value is
 * the end of the key, so that none comes twice on any page. Keeps no more than it needs in memory.
 */
export function collect(
  query: Sorted,
  frame: Frame,
  { after, most, tie = counter() }: CollectOptions,
): Entry[] {
  const orders = query.orderBy.map(({ order }) => order)
  const entries = new Entries(most)
  query.rows(frame, () => {
    const value = query.project(frame)
    if (value === undefined) return false
    const order = query.orderBy.map((item) => item.value(frame))
    const key = query.distinct
      ? encodeKey([...order, value], orders)
      : Buffer.concat([encodeKey(order, orders), tie()])
    if (after && Buffer.compare(key, after) <= 0) return false
    entries.add({ key, value }, query.distinct)
    return false
  })
  return entries.sorted()
}

/** The least entries of those that were added. */
class Entries {
  readonly #most: number
  #list: Entry[] = []
  #keys = new Set<string>()

  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most
  }

  add(entry: Entry, once: boolean): void {
    if (once) {
      const name = Buffer.from(entry.key).toString('latin1')
      if (this.#keys.has(name)) return
      this.#keys.add(name)
    }
    this.#list.push(entry)
    if (this.#list.length > 2 * this.#most + 1000) this.#prune()
  }

  sorted(): Entry[] {
    this.#prune()
    return this.#list
  }

  #prune(): void {
    this.#list.sort((a, b) => Buffer.compare(a.key, b.key))
    for (const { key } of this.#list.slice(this.#most)) this.#keys.delete(Buffer.from(key).toString('latin1'))
    if (this.#list.length > this.#most) this.#list.length = this.#most
  }
}

function counter(): () => Uint8Array {
  let count = 0
  return () => encodeKey([count++])
}
