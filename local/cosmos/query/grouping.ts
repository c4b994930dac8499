import { isAggregateName } from './aggregates.ts'
import { QueryError } from './error.ts'
import type { Expression, Query } from './syntax.ts'

/** Whether the selection of a query uses an aggregate function. */
export const usesAggregates = (query: Query): boolean => selected(query).some(hasAggregate)

/** What stands outside of aggregates must be grouped by. Throws `QueryError`. */
export function checkGrouping(query: Query): void {
  const keys = new Set((query.groupBy ?? []).map(textOf))
  for (const expression of selected(query)) checkGrouped(expression, keys)
}

function selected({ select }: Query): Expression[] {
  if (select.kind === 'star') return []
  return select.kind === 'value' ? [select.value] : select.items.map(({ value }) => value)
}

function checkGrouped(expression: Expression, keys: ReadonlySet<string>): void {
  if (keys.has(textOf(expression)) || isAggregate(expression)) return
  if (expression.kind === 'name' || expression.kind === 'property') {
    let grouped = expression as Expression
    while (grouped.kind === 'property' && !keys.has(textOf(grouped))) grouped = grouped.of
    if (keys.has(textOf(grouped))) return
    throw new QueryError(
      `Property reference '${referenceText(expression)}' is invalid in the select list because it is not contained in an aggregate function or in the GROUP BY clause.`,
      'SC2102',
      expression.place,
    )
  }
  for (const part of partsOf(expression)) checkGrouped(part, keys)
}

const isAggregate = (expression: Expression) =>
  expression.kind === 'call' && !expression.userDefined && isAggregateName(expression.name)

const hasAggregate = (expression: Expression): boolean =>
  isAggregate(expression) || partsOf(expression).some(hasAggregate)

/** The expressions that an expression is made of; those of subqueries are their own. */
export function partsOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'property':
      return [expression.of]
    case 'index':
      return [expression.of, expression.index]
    case 'array':
      return [...expression.items]
    case 'object':
      return expression.properties.map(({ value }) => value)
    case 'unary':
      return [expression.operand]
    case 'binary':
    case 'coalesce':
      return [expression.left, expression.right]
    case 'logical':
      return [...expression.operands]
    case 'conditional':
      return [expression.test, expression.then, expression.else]
    case 'in':
      return [expression.value, ...expression.list]
    case 'between':
      return [expression.value, expression.from, expression.to]
    case 'like':
      return [expression.value, expression.pattern]
    case 'call':
      return [...expression.arguments]
    default:
      return []
  }
}

/** The same for two expressions that say the same, wherever they stand. */
const textOf = (expression: Expression) =>
  JSON.stringify(expression, (name, value: unknown) => (name === 'place' ? undefined : value))

const referenceText = (expression: Expression): string =>
  expression.kind === 'property'
    ? `${referenceText(expression.of)}.${expression.name}`
    : expression.kind === 'name'
      ? expression.name
      : '…'
