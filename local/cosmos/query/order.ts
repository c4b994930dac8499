import type { Json } from './source.ts'

/**
 * The order of values in ORDER BY, MIN and MAX, and of index keys: undefined < null < false < true < number < string <
 * array < object. Arrays compare element by element, objects by their names and values in the order of the names; Azure
 * keeps an order among these, too, but does not say which.
 */
export function compare(a: Json | undefined, b: Json | undefined): number {
  const rank = rankOf(a)
  const difference = rank - rankOf(b)
  if (difference !== 0) return difference
  if (rank === ranks.number || rank === ranks.string) return order(a as string, b as string)
  if (rank === ranks.array) return compareLists(a as Json[], b as Json[])
  if (rank === ranks.object) return compareLists(entries(a as JsonObject), entries(b as JsonObject))
  return 0
}

/** Whether two values are the same: of one type, numbers by value, objects whatever the order of their names. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((value, i) => equal(value, b[i]))
  if (Array.isArray(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]))
  )
}

type JsonObject = { [name: string]: Json }

const ranks = { undefined: 0, null: 1, false: 2, true: 3, number: 4, string: 5, array: 6, object: 7 }

function rankOf(value: Json | undefined): number {
  if (value === undefined) return ranks.undefined
  if (value === null) return ranks.null
  if (typeof value === 'boolean') return value ? ranks.true : ranks.false
  if (typeof value === 'number') return ranks.number
  if (typeof value === 'string') return ranks.string
  return Array.isArray(value) ? ranks.array : ranks.object
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function compareLists(a: Json[], b: Json[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = compare(a[i], b[i])
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Names and values one after the other, in the order of the names. */
const entries = (object: JsonObject): Json[] =>
  Object.keys(object)
    .sort()
    .flatMap((name) => [name, object[name] as Json])
