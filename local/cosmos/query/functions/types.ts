import { ticksOf } from './dateTimeText.ts'
import { type BuiltIn, isArray, isNumber, isObject, isString, type Value } from './function.ts'

const check = (is: (value: Value) => boolean): BuiltIn => ({
  arity: [1, 1],
  takesUndefined: true,
  call: ([value]) => is(value),
})

/** "Type checking functions" and IIF of the NoSQL query language. */
export const types: Record<string, BuiltIn> = {
  IS_ARRAY: check(isArray),
  IS_BOOL: check((value) => typeof value === 'boolean'),
  IS_DATETIME: check((value) => isString(value) && ticksOf(value) !== undefined),
  IS_DEFINED: check((value) => value !== undefined),
  IS_FINITE_NUMBER: check((value) => isNumber(value) && Number.isFinite(value)),
  IS_INTEGER: check((value) => isNumber(value) && Number.isInteger(value) && Math.abs(value) < 2 ** 63),
  IS_NULL: check((value) => value === null),
  IS_NUMBER: check(isNumber),
  IS_OBJECT: check(isObject),
  IS_PRIMITIVE: check((value) => value !== undefined && (typeof value !== 'object' || value === null)),
  IS_STRING: check(isString),
  IIF: {
    arity: [3, 3],
    takesUndefined: true,
    call: ([test, yes, no]) => (test === true ? yes : no),
  },
}
