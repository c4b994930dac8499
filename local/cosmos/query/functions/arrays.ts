import { encodeKey } from '../encodeKey.ts'
import { compare, equal } from '../order.ts'
import type { Json } from '../source.ts'
import { type BuiltIn, finite, isArray, isNumber, isObject, isString, type Value } from './function.ts'

/** "Array functions" of the NoSQL query language. */
export const arrays: Record<string, BuiltIn> = {
  ARRAY_AVG: ofNumbersIn((numbers) => sum(numbers) / numbers.length),
  ARRAY_SUM: ofNumbersIn(sum),
  ARRAY_MEDIAN: ofNumbersIn(median),
  ARRAY_MAX: greatest(1),
  ARRAY_MIN: greatest(-1),
  ARRAY_CONCAT: {
    arity: [2, Number.POSITIVE_INFINITY],
    call: (values) => (values.every(isArray) ? (values as Json[][]).flat(1) : undefined),
  },
  ARRAY_CONTAINS: {
    arity: [2, 3],
    takesUndefined: true,
    call: ([list, wanted, partial]) => {
      if (!isArray(list)) return undefined
      if (wanted === undefined) return false
      return list.some((element) => (partial === true ? includes(element, wanted) : equal(element, wanted)))
    },
  },
  ARRAY_CONTAINS_ALL: {
    arity: [2, Number.POSITIVE_INFINITY],
    call: ([list, ...wanted]) =>
      isArray(list) ? wanted.every((value) => list.some((element) => equal(element, value))) : undefined,
  },
  ARRAY_CONTAINS_ANY: {
    arity: [2, Number.POSITIVE_INFINITY],
    takesUndefined: true,
    call: ([list, ...wanted]) =>
      isArray(list)
        ? wanted.some((value) => value !== undefined && list.some((element) => equal(element, value)))
        : undefined,
  },
  ARRAY_LENGTH: { arity: [1, 1], call: ([list]) => (isArray(list) ? list.length : undefined) },
  ARRAY_SLICE: {
    arity: [2, 3],
    call: (values) => {
      const [list, start, length = Number.POSITIVE_INFINITY] = values
      if (!isArray(list) || !isNumber(start) || !isNumber(length)) return undefined
      const from = start < 0 ? Math.max(0, list.length + Math.trunc(start)) : Math.trunc(start)
      return list.slice(from, from + Math.max(0, Math.trunc(length)))
    },
  },
  CHOOSE: {
    arity: [2, Number.POSITIVE_INFINITY],
    takesUndefined: true,
    call: ([index, ...values]) =>
      isNumber(index) && Number.isInteger(index) && index > 0 ? values[index - 1] : undefined,
  },
  OBJECTTOARRAY: {
    arity: [1, 3],
    call: ([object, key = 'k', value = 'v']) =>
      isObject(object) && isString(key) && isString(value)
        ? Object.entries(object).map(([name, content]) => ({ [key]: name, [value]: content }))
        : undefined,
  },
  SETDIFFERENCE: {
    arity: [2, 2],
    call: ([a, b]) => {
      if (!isArray(a) || !isArray(b)) return undefined
      const keys = new Set(b.map(identity))
      return distinct(a).filter((value) => !keys.has(identity(value)))
    },
  },
  SETEQUAL: {
    arity: [2, 2],
    call: ([a, b]) => {
      if (!isArray(a) || !isArray(b)) return undefined
      const [keys, others] = [new Set(a.map(identity)), new Set(b.map(identity))]
      return keys.size === others.size && [...keys].every((key) => others.has(key))
    },
  },
  SETINTERSECT: {
    arity: [2, 2],
    call: ([a, b]) => {
      if (!isArray(a) || !isArray(b)) return undefined
      const keys = new Set(b.map(identity))
      return distinct(a).filter((value) => keys.has(identity(value)))
    },
  },
  SETUNION: {
    arity: [2, 2],
    call: ([a, b]) => (isArray(a) && isArray(b) ? distinct([...a, ...b]) : undefined),
  },
}

/** What two values have in common if, and only if, they are equal. */
const identity = (value: Json) => Buffer.from(encodeKey([value])).toString('latin1')

/** Each value once, where it is first. */
export function distinct(list: Json[]): Json[] {
  return [...new Map(list.map((value) => [identity(value), value])).values()]
}

/** Whether an object has all that the wanted one has, or an array element is equal. */
function includes(element: Json, wanted: Value): boolean {
  if (!isObject(element) || !isObject(wanted)) return equal(element, wanted)
  return Object.entries(wanted).every(
    ([name, value]) => Object.hasOwn(element, name) && includes(element[name] as Json, value),
  )
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2
}

function ofNumbersIn(call: (numbers: number[]) => number): BuiltIn {
  return {
    arity: [1, 1],
    call: ([list]) => (isArray(list) && list.length && list.every(isNumber) ? finite(call(list)) : undefined),
  }
}

/** The greatest (1) or least (-1) of the plain values in an array. */
function greatest(sign: 1 | -1): BuiltIn {
  return {
    arity: [1, 1],
    call: ([list]) => {
      if (!isArray(list) || list.some((value) => typeof value === 'object' && value !== null))
        return undefined
      return list.reduce<Value>(
        (best, value) => (best === undefined || compare(value, best) * sign > 0 ? value : best),
        undefined,
      )
    },
  }
}
