import { randomUUID } from 'node:crypto'
import { compare, isText, type TypedValue } from '../engine/value.ts'
import { calculate, negate } from './arithmetic.ts'
import { SqlEvaluationError } from './error.ts'
import { isLike } from './like.ts'
import type { ComparisonOperator, Expression, Predicate, PropertyName } from './syntax.ts'

/** What an expression is evaluated for. */
export interface Scope {
  /** The value of a property; undefined when the message does not have it. */
  property(name: PropertyName): TypedValue | undefined
  /** The value of a parameter such as `@colour`. */
  parameter(name: string): TypedValue | undefined
}

/** True, false, or unknown (undefined). Throws `SqlEvaluationError`. */
export function test(predicate: Predicate, scope: Scope): boolean | undefined {
  switch (predicate.kind) {
    case 'literal':
      return predicate.value
    case 'and': {
      const left = test(predicate.left, scope)
      if (left === false) return false
      const right = test(predicate.right, scope)
      return right === false ? false : left === undefined || right === undefined ? undefined : true
    }
    case 'or': {
      const left = test(predicate.left, scope)
      if (left === true) return true
      const right = test(predicate.right, scope)
      return right === true ? true : left === undefined || right === undefined ? undefined : false
    }
    case 'not': {
      const operand = test(predicate.operand, scope)
      return operand === undefined ? undefined : !operand
    }
    case 'exists':
      return scope.property(predicate.property) !== undefined
    case 'isNull':
      return known(scope.property(predicate.property)) === undefined
    case 'comparison': {
      const left = evaluate(predicate.left, scope)
      const right = evaluate(predicate.right, scope)
      return left && right && compares(predicate.operator, left, right)
    }
    case 'in': {
      const value = evaluate(predicate.value, scope)
      return value && isIn(value, predicate.list, scope)
    }
    case 'like':
      return like(predicate, scope)
  }
}

/** The value of an expression; undefined when it is unknown. Throws `SqlEvaluationError`. */
export function evaluate(expression: Expression, scope: Scope): TypedValue | undefined {
  switch (expression.kind) {
    case 'constant':
      return known(expression.value)
    case 'property':
      return known(scope.property(expression.property))
    case 'newid':
      return { type: 'uuid', value: randomUUID() }
    case 'parameter': {
      const value = scope.parameter(expression.name)
      if (value === undefined) {
        throw new SqlEvaluationError(`The parameter '${expression.name}' has no value.`)
      }
      return known(value)
    }
    case 'propertyByName': {
      const name = evaluate(expression.name, scope)
      if (name === undefined) return undefined
      return known(scope.property({ scope: 'user', name: text(name, 'property') }))
    }
    case 'sign': {
      const operand = evaluate(expression.operand, scope)
      return operand && expression.operator === '-' ? negate(operand) : operand
    }
    case 'arithmetic': {
      const left = evaluate(expression.left, scope)
      const right = evaluate(expression.right, scope)
      return left && right && calculate(expression.operator, left, right)
    }
  }
}

function known(value: TypedValue | undefined): TypedValue | undefined {
  return value?.type === 'null' ? undefined : value
}

const holds: Readonly<Record<ComparisonOperator, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function compares(operator: ComparisonOperator, left: TypedValue, right: TypedValue): boolean {
  const order = compare(left, right)
  if (order === undefined) {
    throw new SqlEvaluationError(
      `Operator '${operator}' cannot be applied to operands of type '${left.type}' and '${right.type}'.`,
    )
  }
  return holds[operator](order)
}

function isIn(value: TypedValue, list: readonly Expression[], scope: Scope): boolean | undefined {
  let isUnknown = false
  for (const item of list) {
    const candidate = evaluate(item, scope)
    if (candidate === undefined) isUnknown = true
    else if (compare(value, candidate) === 0) return true
  }
  return isUnknown ? undefined : false
}

function like(predicate: Predicate & { kind: 'like' }, scope: Scope): boolean | undefined {
  const value = evaluate(predicate.value, scope)
  const pattern = evaluate(predicate.pattern, scope)
  const escaping = predicate.escape && evaluate(predicate.escape, scope)
  if (value === undefined || pattern === undefined) return undefined
  if (predicate.escape === undefined) return isLike(text(value, 'LIKE'), text(pattern, 'LIKE'))
  if (escaping === undefined) return undefined
  const character = text(escaping, 'ESCAPE')
  if (character.length !== 1) throw new SqlEvaluationError('ESCAPE takes a text of one character.')
  return isLike(text(value, 'LIKE'), text(pattern, 'LIKE'), character)
}

function text(value: TypedValue, operator: string): string {
  if (isText(value)) return value.value
  throw new SqlEvaluationError(`${operator} cannot be applied to an operand of type '${value.type}'.`)
}
