import { type Accumulator, newAccumulator } from './aggregates.ts'
import { encodeKey } from './encodeKey.ts'
import { QueryError } from './error.ts'
import { ExpressionCompiler, member, objectOf, type Results } from './expressionCompiler.ts'
import { type Evaluate, emptyFrame, type Frame, type Rows } from './frame.ts'
import type { Value } from './functions/function.ts'
import { checkGrouping, usesAggregates } from './grouping.ts'
import { type Aggregate, type Compilation, Scope } from './scope.ts'
import { collect } from './sorting.ts'
import type { Json } from './source.ts'
import type { Collection, Count, Expression, From, Input, Query, Selection } from './syntax.ts'

/** A query as closures. */
export interface CompiledQuery {
  /** The rows of FROM that WHERE lets through. */
  readonly rows: Rows
  /** What SELECT makes of the row that is in the slots, or of a group. */
  readonly project: Evaluate
  readonly distinct: boolean
  readonly orderBy: readonly { readonly value: Evaluate; readonly order: 'asc' | 'desc' }[]
  /** The aggregates and keys of a query that makes groups; undefined: each row is a result. */
  readonly groups:
    | { readonly keys: readonly Evaluate[]; readonly aggregates: readonly Aggregate[] }
    | undefined
  readonly offset: number
  /** The most results, by TOP or LIMIT. */
  readonly limit: number
}

/** Makes closures of a query. Throws `QueryError` for what has no meaning. */
export function compileQuery(query: Query, compilation: Compilation): CompiledQuery {
  return compileIn(query, new Scope(compilation))
}

/** Makes a closure of an expression. Throws `QueryError`. */
export function compileExpression(expression: Expression, scope: Scope): Evaluate {
  return expressions.compile(expression, scope)
}

const expressions = new ExpressionCompiler((query, scope) =>
  resultsOf(compileIn(query, new Scope(scope.compilation, scope))),
)

function compileIn(query: Query, scope: Scope): CompiledQuery {
  const from = query.from && compileFrom(query.from, scope)
  const where = query.where && expressions.compile(query.where, scope)
  const keys = query.groupBy?.map((key) => expressions.compile(key, scope))
  const isGrouped = keys !== undefined || usesAggregates(query)
  if (isGrouped) checkGrouping(query)
  if (keys && query.orderBy)
    throw new QueryError("'ORDER BY' is not supported together with 'GROUP BY'.", undefined, query.place)
  if (query.top && query.offset)
    throw new QueryError("'TOP' is not supported together with 'OFFSET LIMIT'.", undefined, query.place)
  const aggregates: Aggregate[] = []
  scope.aggregates = isGrouped ? aggregates : undefined
  const project = compileSelection(query, scope)
  scope.aggregates = undefined
  return {
    rows: filtered(from ?? ((_, visit) => visit()), where),
    project,
    distinct: query.distinct,
    orderBy: isGrouped
      ? []
      : (query.orderBy ?? []).map(({ value, order }) => ({
          value: expressions.compile(value, scope),
          order,
        })),
    groups: isGrouped ? { keys: keys ?? [], aggregates } : undefined,
    offset: query.offset ? countOf('OFFSET', query.offset, scope) : 0,
    limit: query.top
      ? countOf('TOP', query.top, scope)
      : query.limit
        ? countOf('LIMIT', query.limit, scope)
        : Number.POSITIVE_INFINITY,
  }
}

/** All results of a query within another one. */
function resultsOf(query: CompiledQuery): Results {
  const { offset, limit } = query
  const isPlain = !query.distinct && !query.orderBy.length
  return (frame, visit) => {
    let at = 0
    const give = (value: Json) => {
      at++
      if (at > offset + limit) return true
      return at > offset && visit(value)
    }
    if (limit === 0) return false
    if (query.groups)
      return (
        groupsOf(query, frame).some(({ value }) => value !== undefined && give(value)) && at <= offset + limit
      )
    if (!isPlain) return collect(query, frame, {}).some(({ value }) => give(value)) && at <= offset + limit
    let stopped = false
    query.rows(frame, () => {
      const value = query.project(frame)
      if (value === undefined) return false
      at++
      if (at > offset && visit(value)) stopped = true
      return stopped || at >= offset + limit
    })
    return stopped
  }
}

/** A group: its key, encoded, and what SELECT makes of it. */
export interface Group {
  readonly key: Uint8Array
  readonly value: Value
}

/** The groups of a query, in the order of their keys. Without GROUP BY there is one, even of no rows. */
export function groupsOf({ rows, project, groups, distinct }: CompiledQuery, frame: Frame): Group[] {
  if (!groups) return []
  const { keys, aggregates } = groups
  const start = () => aggregates.map(({ name }) => newAccumulator(name))
  const found = new Map<string, { key: Uint8Array; slots: Value[]; totals: Accumulator[] }>()
  if (!keys.length) found.set('', { key: encodeKey([]), slots: [...frame.slots], totals: start() })
  rows(frame, () => {
    const key = encodeKey(keys.map((evaluate) => evaluate(frame)))
    const name = Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
    let group = found.get(name)
    if (!group) {
      group = { key, slots: [...frame.slots], totals: start() }
      found.set(name, group)
    }
    for (let i = 0; i < aggregates.length; i++) group.totals[i]?.add(aggregates[i]?.argument(frame))
    return false
  })
  const sorted = [...found.values()].sort((a, b) => Buffer.compare(a.key, b.key))
  const results = sorted.map(({ key, slots, totals }) => {
    aggregates.forEach(({ slot }, i) => {
      slots[slot] = totals[i]?.result()
    })
    return { key, value: project({ ...frame, slots }) }
  })
  return distinct ? distinctGroups(results) : results
}

function distinctGroups(groups: Group[]): Group[] {
  const seen = new Set<string>()
  return groups.filter(({ value }) => {
    const name = Buffer.from(encodeKey([value])).toString('latin1')
    return !seen.has(name) && seen.add(name)
  })
}

function compileSelection({ select, from }: Query, scope: Scope): Evaluate {
  if (select.kind === 'star') return star(select, from, scope)
  if (select.kind === 'value') return expressions.compile(select.value, scope)
  return objectOf(select.items.map(({ name, value }) => ({ name, value: expressions.compile(value, scope) })))
}

function star(select: Selection & { kind: 'star' }, from: From | undefined, scope: Scope): Evaluate {
  if (!from)
    throw new QueryError("'SELECT *' is not valid if FROM clause is omitted.", 'SC2030', select.place)
  if (from.joins.length) {
    throw new QueryError("'SELECT *' is only valid with a single input set.", 'SC2040', select.place)
  }
  const slot = scope.find(from.first.alias ?? unnamed) as number
  return (frame) => frame.slots[slot]
}

/** The alias of an input that has none: no name of a query is like it. */
const unnamed = ''

function compileFrom({ first, joins }: From, scope: Scope): Rows {
  let rows = compileInput(first, scope)
  for (const join of joins) {
    const outer = rows
    const inner = compileInput(join, scope)
    rows = (frame, visit) => outer(frame, () => inner(frame, visit))
  }
  return rows
}

function compileInput({ alias = unnamed, iterates, collection, place }: Input, scope: Scope): Rows {
  const values = compileCollection(collection, scope)
  const slot = scope.add(alias, place)
  return (frame, visit) =>
    values(frame, (value) => {
      if (!iterates) {
        frame.slots[slot] = value
        return visit()
      }
      if (!Array.isArray(value)) return false
      return value.some((element) => {
        frame.slots[slot] = element
        return visit()
      })
    })
}

function compileCollection(collection: Collection, scope: Scope): Results {
  if (collection.kind === 'query') {
    return resultsOf(compileIn(collection.query, new Scope(scope.compilation, scope)))
  }
  const { name, steps, place } = collection
  const follow = (value: Value) => steps.reduce<Value>(member, value)
  const slot = scope.find(name)
  if (slot !== undefined) {
    return (frame, visit) => {
      const value = follow(frame.slots[slot])
      return value !== undefined && visit(value)
    }
  }
  if (!scope.isEmpty) throw new QueryError(`Identifier '${name}' could not be resolved.`, 'SC2001', place)
  return (frame, visit) =>
    frame.documents((document) => {
      const value = follow(document as Json)
      return value !== undefined && visit(value)
    })
}

function filtered(rows: Rows, where: Evaluate | undefined): Rows {
  if (!where) return rows
  return (frame, visit) => rows(frame, () => where(frame) === true && visit())
}

function countOf(clause: string, count: Count, scope: Scope): number {
  const value = expressions.compile(count, scope)(emptyFrame(scope.compilation.now))
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw new QueryError(`The ${clause} value must be an integer that is not negative.`)
}
