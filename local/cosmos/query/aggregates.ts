import { distinct } from './functions/arrays.ts'
import type { Value } from './functions/function.ts'
import { compare } from './order.ts'
import type { Json } from './source.ts'

/** Adds up one aggregate function over the rows of a group. */
export interface Accumulator {
  add(value: Value): void
  result(): Value
}

/**
 * "Aggregate functions" of the NoSQL query language, and the three that SDKs know beside them (`AggregateType`,
 * `QueryFeature`). What is undefined does not count.
 */
const accumulators: ReadonlyMap<string, () => Accumulator> = new Map([
  ['COUNT', () => count((value) => value !== undefined)],
  ['COUNTIF', () => count((value) => value === true)],
  ['SUM', () => total((sum) => sum)],
  ['AVG', () => total((sum, size) => (size === 0 ? undefined : sum / size))],
  ['MAX', () => greatest(1)],
  ['MIN', () => greatest(-1)],
  ['MAKELIST', () => list((values) => values)],
  ['MAKESET', () => list(distinct)],
])

/** Whether a name, in capitals, is that of an aggregate function. */
export const isAggregateName = (name: string): boolean => accumulators.has(name)

export function newAccumulator(name: string): Accumulator {
  const start = accumulators.get(name)
  if (!start) throw new Error(`${name} is no aggregate function.`)
  return start()
}

function count(counts: (value: Value) => boolean): Accumulator {
  let size = 0
  return {
    add(value) {
      if (counts(value)) size++
    },
    result: () => size,
  }
}

/** Of numbers only: any other value makes the result undefined. */
function total(result: (sum: number, size: number) => Value): Accumulator {
  let sum = 0
  let size = 0
  let isNumeric = true
  return {
    add(value) {
      if (value === undefined) return
      if (typeof value !== 'number') isNumeric = false
      else {
        sum += value
        size++
      }
    },
    result: () => (isNumeric && Number.isFinite(sum) ? result(sum, size) : undefined),
  }
}

/** The greatest (1) or least (-1) value in the order of types; an array or object makes the result undefined. */
function greatest(sign: 1 | -1): Accumulator {
  let best: Value
  let isPlain = true
  return {
    add(value) {
      if (value === undefined) return
      if (typeof value === 'object' && value !== null) isPlain = false
      else if (best === undefined || compare(value, best) * sign > 0) best = value
    },
    result: () => (isPlain ? best : undefined),
  }
}

function list(result: (values: Json[]) => Json[]): Accumulator {
  const values: Json[] = []
  return {
    add(value) {
      if (value !== undefined) values.push(value)
    },
    result: () => result(values),
  }
}
