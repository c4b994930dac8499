import type { DocumentCondition, PathOf } from './documentPaths.ts'
import { afterPrefix, encodeKey, encodeStringPrefix, tags } from './encodeKey.ts'
import { isNumber, isString, type Value } from './functions/function.ts'
import { partsOf } from './grouping.ts'
import { likePrefix } from './like.ts'
import type { Path } from './source.ts'
import type { BinaryOperator, Expression } from './syntax.ts'

/** An end of a range of encoded values: all that begins with the bytes is within, or not. */
export interface Bound {
  readonly bytes: Uint8Array
  readonly inclusive: boolean
}

/** What a query says of the value at a path: it is one of some, or lies in a range. */
export interface Constraint {
  readonly points?: readonly Uint8Array[]
  readonly from?: Bound
  readonly to?: Bound
}

/** The value of an expression that needs no document; undefined also where it has none. */
export type ConstantOf = (expression: Expression) => Value

/** Whether an expression reads neither documents nor subqueries, so that it has one value for the whole query. */
export function isConstant(expression: Expression): boolean {
  if (['name', 'exists', 'arrayOf', 'subquery'].includes(expression.kind)) return false
  if (expression.kind === 'call' && (expression.userDefined || expression.name === 'RAND')) return false
  return partsOf(expression).every(isConstant)
}

/** What each document that a query finds must have at its paths. It may be less than the query asks, never more. */
export function constraintsOf(
  conditions: readonly DocumentCondition[],
  constantOf: ConstantOf,
): Map<Path, Constraint> {
  const constraints = new Map<Path, Constraint>()
  for (const { condition, pathOf } of conditions) {
    for (const conjunct of conjunctsOf(condition)) {
      const found = constraintOf(conjunct, pathOf, constantOf)
      if (!found) continue
      const known = constraints.get(found.path)
      constraints.set(found.path, known ? both(known, found.constraint) : found.constraint)
    }
  }
  return constraints
}

function conjunctsOf(condition: Expression): Expression[] {
  return condition.kind === 'logical' && condition.operator === 'and'
    ? condition.operands.flatMap(conjunctsOf)
    : [condition]
}

interface Found {
  readonly path: Path
  readonly constraint: Constraint
}

function constraintOf(condition: Expression, pathOf: PathOf, constantOf: ConstantOf): Found | undefined {
  const found = (expression: Expression, constraint: Constraint | undefined): Found | undefined => {
    const path = pathOf(expression)
    return path !== undefined && constraint ? { path, constraint } : undefined
  }
  switch (condition.kind) {
    case 'binary': {
      const { operator, left, right } = condition
      if (isConstant(right)) return found(left, comparison(operator, constantOf(right)))
      return isConstant(left) ? found(right, comparison(flipped[operator], constantOf(left))) : undefined
    }
    case 'between': {
      if (!isConstant(condition.from) || !isConstant(condition.to)) return undefined
      const from = comparison('>=', constantOf(condition.from))
      const to = comparison('<=', constantOf(condition.to))
      return from && to && found(condition.value, both(from, to))
    }
    case 'in':
      return condition.list.every(isConstant)
        ? found(condition.value, points(condition.list.map(constantOf)))
        : undefined
    case 'like':
      return isConstant(condition.pattern)
        ? found(condition.value, likeConstraint(constantOf(condition.pattern), condition.escape))
        : undefined
    case 'call':
      return found(condition.arguments[0] as Expression, callConstraint(condition, constantOf))
    case 'logical':
      return condition.operator === 'or' ? anyOf(condition.operands, pathOf, constantOf) : undefined
    default:
      return undefined
  }
}

/** `c.a = 1 OR c.a = 2` is `c.a IN (1, 2)`. */
function anyOf(operands: readonly Expression[], pathOf: PathOf, constantOf: ConstantOf): Found | undefined {
  const found = operands.map((operand) => constraintOf(operand, pathOf, constantOf))
  const path = found[0]?.path
  if (path === undefined || !found.every((one) => one?.path === path && one.constraint.points))
    return undefined
  return { path, constraint: { points: unique(found.flatMap((one) => one?.constraint.points ?? [])) } }
}

const flipped: Partial<Record<BinaryOperator, BinaryOperator>> = {
  '=': '=',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
}

function comparison(operator: BinaryOperator | undefined, value: Value): Constraint | undefined {
  if (operator === '=') return points([value])
  const type = typeOf(value)
  if (!type) return undefined
  const bytes = encodeKey([value])
  if (operator === '<' || operator === '<=') return { ...type, to: { bytes, inclusive: operator === '<=' } }
  if (operator === '>' || operator === '>=') return { ...type, from: { bytes, inclusive: operator === '>=' } }
  return undefined
}

/** All values that can be compared with a value. */
function typeOf(value: Value): Constraint | undefined {
  if (value === null) return within(tags.null)
  if (typeof value === 'boolean') return within(tags.false, tags.true)
  if (isNumber(value)) return within(tags.number)
  return isString(value) ? within(tags.string) : undefined
}

const within = (first: number, last = first): Constraint => ({
  from: { bytes: Uint8Array.of(first), inclusive: true },
  to: { bytes: Uint8Array.of(last), inclusive: true },
})

function points(values: readonly Value[]): Constraint {
  return { points: unique(values.filter((value) => value !== undefined).map((value) => encodeKey([value]))) }
}

function prefix(text: string): Constraint {
  const bound = { bytes: encodeStringPrefix(text), inclusive: true }
  return { from: bound, to: bound }
}

function likeConstraint(pattern: Value, escapeCharacter: string | undefined): Constraint | undefined {
  if (!isString(pattern)) return undefined
  const start = likePrefix(pattern, escapeCharacter)
  return start.isAll ? points([start.prefix]) : prefix(start.prefix)
}

function callConstraint(call: Expression & { kind: 'call' }, constantOf: ConstantOf): Constraint | undefined {
  const [, second, third] = call.arguments
  switch (call.name) {
    case 'STARTSWITH':
    case 'STRINGEQUALS': {
      if (!second || !isConstant(second) || third) return undefined
      const text = constantOf(second)
      if (!isString(text)) return undefined
      return call.name === 'STARTSWITH' ? prefix(text) : points([text])
    }
    case 'IS_DEFINED':
      return { from: { bytes: Uint8Array.of(tags.undefined), inclusive: false } }
    case 'IS_NULL':
      return within(tags.null)
    case 'IS_BOOL':
      return within(tags.false, tags.true)
    case 'IS_NUMBER':
      return within(tags.number)
    case 'IS_STRING':
      return within(tags.string)
    case 'IS_ARRAY':
      return within(tags.array)
    case 'IS_OBJECT':
      return within(tags.object)
    default:
      return undefined
  }
}

function both(a: Constraint, b: Constraint): Constraint {
  const list =
    a.points && b.points ? a.points.filter((point) => has(b.points, point)) : (a.points ?? b.points)
  const from = tighter(a.from, b.from, 1)
  const to = tighter(a.to, b.to, -1)
  return { ...(list && { points: list }), ...(from && { from }), ...(to && { to }) }
}

/** The bound that lets less through; of lower ones (1) the greater. */
function tighter(a: Bound | undefined, b: Bound | undefined, sign: 1 | -1): Bound | undefined {
  if (!a || !b) return a ?? b
  return compareEdges(edge(a, sign), edge(b, sign)) * sign > 0 ? a : b
}

/** The first bytes that are within a lower bound, or beyond an upper one; undefined: no bytes are that great. */
const edge = ({ bytes, inclusive }: Bound, sign: 1 | -1): Uint8Array | undefined =>
  inclusive === sign > 0 ? bytes : afterPrefix(bytes)

const compareEdges = (a: Uint8Array | undefined, b: Uint8Array | undefined): number =>
  a && b ? Buffer.compare(a, b) : Number(b !== undefined) - Number(a !== undefined)

const has = (list: readonly Uint8Array[] | undefined, point: Uint8Array) =>
  list?.some((other) => Buffer.compare(other, point) === 0) ?? false

function unique(list: readonly Uint8Array[]): Uint8Array[] {
  const sorted = [...list].sort(Buffer.compare)
  return sorted.filter((point, i) => i === 0 || Buffer.compare(point, sorted[i - 1] as Uint8Array) !== 0)
}
