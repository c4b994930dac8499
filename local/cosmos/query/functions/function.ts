import type { Json } from '../source.ts'

/** A value within a query: JSON, or nothing. */
export type Value = Json | undefined

/** What a function may know besides its arguments. */
export interface Context {
  /** The time of the query, in ms since the epoch. */
  readonly now: number
}

export interface BuiltIn {
  /** The least and the greatest number of arguments. */
  readonly arity: readonly [least: number, most: number]
  /** Without it, the function is undefined as soon as an argument is. */
  readonly takesUndefined?: boolean
  readonly call: (values: readonly Value[], context: Context) => Value
}

/** A function of numbers, undefined for anything else and where the result is no number of JSON. */
export const ofNumbers = (least: number, most: number, call: (...numbers: number[]) => number): BuiltIn => ({
  arity: [least, most],
  call: (values) => (values.every(isNumber) ? finite(call(...(values as number[]))) : undefined),
})

/** A function of strings, undefined for anything else. */
export const ofStrings = (least: number, most: number, call: (...texts: string[]) => Value): BuiltIn => ({
  arity: [least, most],
  call: (values) => (values.every(isString) ? call(...(values as string[])) : undefined),
})

export const isNumber = (value: Value): value is number => typeof value === 'number'
export const isString = (value: Value): value is string => typeof value === 'string'
export const isArray = (value: Value): value is Json[] => Array.isArray(value)
export const isObject = (value: Value): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON has no infinite numbers. */
export const finite = (number: number): number | undefined => (Number.isFinite(number) ? number : undefined)
