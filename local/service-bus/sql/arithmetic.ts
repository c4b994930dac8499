import { isInteger, isNumber, isText, type TypedValue, textValue } from '../engine/value.ts'
import { SqlEvaluationError } from './error.ts'
import type { ArithmeticOperator } from './syntax.ts'

/** The sum, difference … of two values, with the conversions that C# makes without being asked. */
export function calculate(operator: ArithmeticOperator, left: TypedValue, right: TypedValue): TypedValue {
  if (isInteger(left) && isInteger(right)) return integers(operator, left.value, right.value)
  if (isNumber(left) && isNumber(right)) return floats(operator, Number(left.value), Number(right.value))
  if (operator === '+' && isText(left) && isText(right)) return textValue(left.value + right.value)
  throw new SqlEvaluationError(
    `Operator '${operator}' cannot be applied to operands of type '${left.type}' and '${right.type}'.`,
  )
}

export function negate(operand: TypedValue): TypedValue {
  if (isInteger(operand)) return { type: 'long', value: BigInt.asIntN(64, -operand.value) }
  if (isNumber(operand)) return { type: 'double', value: -Number(operand.value) }
  throw new SqlEvaluationError(`Operator '-' cannot be applied to an operand of type '${operand.type}'.`)
}

function integers(operator: ArithmeticOperator, a: bigint, b: bigint): TypedValue {
  if (b === 0n && (operator === '/' || operator === '%')) {
    throw new SqlEvaluationError('Attempted to divide by zero.')
  }
  const results = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => a / b,
    '%': () => a % b,
  }
  return { type: 'long', value: BigInt.asIntN(64, results[operator]()) }
}

function floats(operator: ArithmeticOperator, a: number, b: number): TypedValue {
  const results = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => a / b,
    '%': () => a % b,
  }
  return { type: 'double', value: results[operator]() }
}
