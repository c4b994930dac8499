import { constraintsOf } from './constraints.ts'
import { invalid, readContinuation } from './continuation.ts'
import { documentConditions, documentPaths, isDocumentWise } from './documentPaths.ts'
import { emptyFrame } from './frame.ts'
import { checkOrder } from './orderCheck.ts'
import { pageSize } from './pageSize.ts'
import { parsedQuery } from './parsedQueries.ts'
import { choosePlan, everything, type PathOrder, samePlan } from './plan.ts'
import { compileExpression, compileQuery } from './queryCompiler.ts'
import { Reading } from './reading.ts'
import { scanPage } from './scanPage.ts'
import { Scope } from './scope.ts'
import { sortedPage } from './sortedPage.ts'
import type { Path, QueryOptions, QueryPage, QuerySpec, Source } from './source.ts'
import type { Expression } from './syntax.ts'

export interface QueryPaths {
  readonly filters: readonly Path[]
  readonly order: readonly PathOrder[]
}

/** One page of a query's answer. Throws `QueryError` for a query that is refused. */
export function runQuery(spec: QuerySpec, source: Source, options: QueryOptions = {}): QueryPage {
  const { query, compiled, compilation } = prepare(spec, options)
  const order = checkOrder(query.orderBy ?? [], documentPaths(query), source)
  const asked = { ...spec, owner: options.owner }
  const token = options.continuation ? readContinuation(asked, options.continuation) : undefined
  const frame = emptyFrame(compilation.now)
  const reading = new Reading(source)
  const page = { asked, compiled, frame, reading, size: pageSize(options.maxItemCount) }
  if (!isDocumentWise(query)) {
    if (token?.kind === 'scan') throw invalid()
    frame.documents = (visit) => reading.planned(everything, visit)
    return sortedPage({ ...page, isDocumentWise: false }, token)
  }
  const constantOf = (expression: Expression) =>
    compileExpression(expression, new Scope(compilation))(emptyFrame(compilation.now))
  const constraints = constraintsOf(documentConditions(query), constantOf)
  const isStream = !compiled.groups && !compiled.distinct
  if (token?.kind === 'scan') {
    const plan = samePlan(source, constraints, order, token)
    if (!plan || !isStream) throw invalid('the index that it goes on with is not there any more')
    return scanPage({ ...page, plan }, token)
  }
  const plan = choosePlan(source, constraints, isStream ? order : [])
  if (isStream && plan.ordered && !token) return scanPage({ ...page, plan })
  frame.documents = (visit) => reading.planned(plan, visit)
  return sortedPage({ ...page, isDocumentWise: true }, token)
}

/** The paths by which a query finds and orders documents. Throws `QueryError`. */
export function pathsOfQuery(spec: QuerySpec): QueryPaths {
  const { query, compilation } = prepare(spec, {})
  if (!isDocumentWise(query)) return { filters: [], order: [] }
  const constantOf = (expression: Expression) =>
    compileExpression(expression, new Scope(compilation))(emptyFrame(compilation.now))
  const pathOf = documentPaths(query)
  const order = (query.orderBy ?? []).flatMap(({ value, order }) => {
    const path = pathOf(value)
    return path === undefined ? [] : [{ path, order }]
  })
  return { filters: [...constraintsOf(documentConditions(query), constantOf).keys()], order }
}

/** Reads and checks a query as far as that goes without a container. Throws `QueryError`. */
export function checkQuery(spec: QuerySpec): void {
  prepare(spec, {})
}

function prepare(spec: QuerySpec, { now = Date.now() }: QueryOptions) {
  const query = parsedQuery(spec.query)
  const parameters = new Map((spec.parameters ?? []).map(({ name, value }) => [name, value]))
  const compilation = { parameters, now, slots: 0 }
  return { query, compilation, compiled: compileQuery(query, compilation) }
}
