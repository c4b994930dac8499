import { finite, isNumber, isString, type Value } from './functions/function.ts'
import { compare, equal } from './order.ts'
import type { BinaryOperator, UnaryOperator } from './syntax.ts'

/**
 * The operators on values. Equality is defined between any two values that are there (of different types they differ);
 * `<` and the like only within one type, and not for arrays and objects. Both as in the .NET SDK's offline engine.
 */
export const binary: Record<BinaryOperator, (left: Value, right: Value) => Value> = {
  '*': numbers((a, b) => a * b),
  '/': numbers((a, b) => a / b),
  '%': numbers((a, b) => a % b),
  '+': numbers((a, b) => a + b),
  '-': numbers((a, b) => a - b),
  '<<': numbers((a, b) => a << b),
  '>>': numbers((a, b) => a >> b),
  '>>>': numbers((a, b) => a >>> b),
  '&': numbers((a, b) => a & b),
  '^': numbers((a, b) => a ^ b),
  '|': numbers((a, b) => a | b),
  '||': (a, b) => (isString(a) && isString(b) ? a + b : undefined),
  '=': (a, b) => (a === undefined || b === undefined ? undefined : equal(a, b)),
  '!=': (a, b) => (a === undefined || b === undefined ? undefined : !equal(a, b)),
  '<': comparison((order) => order < 0),
  '>': comparison((order) => order > 0),
  '<=': comparison((order) => order <= 0),
  '>=': comparison((order) => order >= 0),
}

export const unary: Record<UnaryOperator, (operand: Value) => Value> = {
  '-': (a) => (isNumber(a) ? -a : undefined),
  '+': (a) => (isNumber(a) ? a : undefined),
  '~': (a) => (isNumber(a) ? ~a : undefined),
  not: (a) => (typeof a === 'boolean' ? !a : undefined),
}

/** Whether `<` says anything of two values. */
export function areComparable(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b
  return typeof a === typeof b && typeof a !== 'object' && a !== undefined
}

function numbers(call: (a: number, b: number) => number) {
  return (a: Value, b: Value): Value => (isNumber(a) && isNumber(b) ? finite(call(a, b)) : undefined)
}

function comparison(holds: (order: number) => boolean) {
  return (a: Value, b: Value): Value => (areComparable(a, b) ? holds(compare(a, b)) : undefined)
}
