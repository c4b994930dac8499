import { isAggregateName } from './aggregates.ts'
import { QueryError } from './error.ts'
import type { Evaluate, Frame } from './frame.ts'
import { type BuiltIn, isArray, isNumber, isObject, isString, type Value } from './functions/function.ts'
import { functions, notImitated } from './functions/index.ts'
import { likeTest } from './like.ts'
import { binary, unary } from './operators.ts'
import { equal } from './order.ts'
import type { Scope } from './scope.ts'
import type { Json } from './source.ts'
import type { Call, Expression, Query } from './syntax.ts'

/** Gives the results of a subquery one by one, until `visit` says true: enough. */
export type Results = (frame: Frame, visit: (value: Json) => boolean) => boolean

/** Makes closures of expressions; `subquery` makes them of queries within. */
export class ExpressionCompiler {
  readonly #subquery: (query: Query, scope: Scope) => Results

  constructor(subquery: (query: Query, scope: Scope) => Results) {
    this.#subquery = subquery
  }

  /** Throws `QueryError` for what has no meaning. */
  compile(expression: Expression, scope: Scope): Evaluate {
    const to = (part: Expression) => this.compile(part, scope)
    switch (expression.kind) {
      case 'literal': {
        const { value } = expression
        return () => value
      }
      case 'parameter': {
        const { parameters } = scope.compilation
        if (!parameters.has(expression.name)) {
          throw new QueryError(
            `The parameter '${expression.name}' has no value.`,
            undefined,
            expression.place,
          )
        }
        const value = parameters.get(expression.name)
        return () => value
      }
      case 'name': {
        const slot = scope.find(expression.name)
        if (slot === undefined) {
          throw new QueryError(
            `Identifier '${expression.name}' could not be resolved.`,
            'SC2001',
            expression.place,
          )
        }
        return (frame) => frame.slots[slot]
      }
      case 'property': {
        const of = to(expression.of)
        const { name } = expression
        return (frame) => member(of(frame), name)
      }
      case 'index': {
        const of = to(expression.of)
        const index = to(expression.index)
        return (frame) => member(of(frame), index(frame))
      }
      case 'array': {
        const items = expression.items.map(to)
        return (frame) => items.map((item) => item(frame)).filter((value) => value !== undefined)
      }
      case 'object':
        return objectOf(expression.properties.map(({ name, value }) => ({ name, value: to(value) })))
      case 'unary': {
        const operand = to(expression.operand)
        const operate = unary[expression.operator]
        return (frame) => operate(operand(frame))
      }
      case 'binary': {
        const left = to(expression.left)
        const right = to(expression.right)
        const operate = binary[expression.operator]
        return (frame) => operate(left(frame), right(frame))
      }
      case 'logical':
        return logical(expression.operator === 'or', expression.operands.map(to))
      case 'coalesce': {
        const left = to(expression.left)
        const right = to(expression.right)
        return (frame) => {
          const value = left(frame)
          return value === undefined ? right(frame) : value
        }
      }
      case 'conditional': {
        const test = to(expression.test)
        const then = to(expression.then)
        const other = to(expression.else)
        return (frame) => (test(frame) === true ? then(frame) : other(frame))
      }
      case 'in': {
        const value = to(expression.value)
        const list = expression.list.map(to)
        return (frame) => {
          const wanted = value(frame)
          return wanted === undefined ? undefined : list.some((item) => equal(item(frame), wanted))
        }
      }
      case 'between': {
        const { value, from, to: until } = expression
        return to({
          kind: 'logical',
          operator: 'and',
          operands: [
            { kind: 'binary', operator: '>=', left: value, right: from },
            { kind: 'binary', operator: '<=', left: value, right: until },
          ],
        })
      }
      case 'like':
        return like(to(expression.value), to(expression.pattern), expression.escape)
      case 'exists': {
        const results = this.#subquery(expression.query, scope)
        return (frame) => results(frame, () => true)
      }
      case 'arrayOf': {
        const results = this.#subquery(expression.query, scope)
        return (frame) => {
          const list: Json[] = []
          results(frame, (value) => {
            list.push(value)
            return false
          })
          return list
        }
      }
      case 'subquery':
        return single(this.#subquery(expression.query, scope))
      case 'call':
        return this.#call(expression, scope)
    }
  }

  #call(call: Call, scope: Scope): Evaluate {
    const { name, place } = call
    if (call.userDefined) {
      throw new QueryError(
        `User-defined functions are not supported by this server: udf.${name}.`,
        undefined,
        place,
      )
    }
    if (isAggregateName(name)) return this.#aggregate(call, scope)
    const builtIn = functions.get(name)
    if (!builtIn) throw unknown(call)
    checkArity(call, builtIn.arity)
    return callOf(
      builtIn,
      call.arguments.map((argument) => this.compile(argument, scope)),
    )
  }

  #aggregate(call: Call, scope: Scope): Evaluate {
    checkArity(call, [1, 1])
    const { aggregates: collected } = scope
    if (!collected) {
      throw new QueryError(
        `The aggregate function ${call.name} is not allowed here: it can only stand in the SELECT clause, and not within another one.`,
        undefined,
        call.place,
      )
    }
    scope.aggregates = undefined
    const argument = this.compile(call.arguments[0] as Expression, scope)
    scope.aggregates = collected
    const slot = scope.newSlot()
    collected.push({ slot, name: call.name, argument })
    return (frame) => frame.slots[slot]
  }
}

/** An object of what is defined. */
export function objectOf(properties: readonly { name: string; value: Evaluate }[]): Evaluate {
  return (frame) => {
    const object: { [name: string]: Json } = {}
    for (const { name, value: evaluate } of properties) {
      const value = evaluate(frame)
      if (value === undefined) continue
      if (name === '__proto__') {
        Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
      } else object[name] = value
    }
    return object
  }
}

/** The property or element of a value. */
export function member(of: Value, at: Value): Value {
  if (isString(at)) return isObject(of) && Object.hasOwn(of, at) ? of[at] : undefined
  return isNumber(at) && isArray(of) ? of[at] : undefined
}

/** AND (decisive: false) and OR (decisive: true) with three values. */
function logical(decisive: boolean, operands: Evaluate[]): Evaluate {
  return (frame) => {
    let isKnown = true
    for (const operand of operands) {
      const value = operand(frame)
      if (value === decisive) return decisive
      if (typeof value !== 'boolean') isKnown = false
    }
    return isKnown ? !decisive : undefined
  }
}

function like(value: Evaluate, pattern: Evaluate, escapeCharacter: string | undefined): Evaluate {
  let last: { pattern: string; test: (text: string) => boolean } | undefined
  return (frame) => {
    const text = value(frame)
    const wanted = pattern(frame)
    if (!isString(text) || !isString(wanted)) return undefined
    if (last?.pattern !== wanted) last = { pattern: wanted, test: likeTest(wanted, escapeCharacter) }
    return last.test(text)
  }
}

function single(results: Results): Evaluate {
  return (frame) => {
    let count = 0
    let result: Value
    results(frame, (value) => {
      result = value
      return ++count > 1
    })
    if (count > 1)
      throw new QueryError('The cardinality of a scalar subquery result set cannot be greater than one.')
    return result
  }
}

function callOf({ call, takesUndefined }: BuiltIn, operands: Evaluate[]): Evaluate {
  return (frame) => {
    const values = operands.map((operand) => operand(frame))
    return !takesUndefined && values.includes(undefined) ? undefined : call(values, frame)
  }
}

function unknown({ name, place }: Call): QueryError {
  const what = notImitated.find(({ pattern }) => pattern.test(name))?.what
  return what
    ? new QueryError(`This server does not imitate ${what}: ${name} is not supported.`, 'SC2005', place)
    : new QueryError(`'${name}' is not a recognized built-in function name.`, 'SC2005', place)
}

function checkArity({ name, place, arguments: given }: Call, [least, most]: readonly [number, number]): void {
  if (given.length >= least && given.length <= most) return
  const count =
    least === most ? `${least}` : Number.isFinite(most) ? `${least} to ${most}` : `at least ${least}`
  throw new QueryError(`The ${name} function requires ${count} argument(s).`, 'SC2050', place)
}
