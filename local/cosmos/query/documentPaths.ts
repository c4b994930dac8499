import { usesAggregates } from './grouping.ts'
import { pathOf } from './path.ts'
import type { Path } from './source.ts'
import type { Collection, Expression, Input, Query } from './syntax.ts'

/** The path of a document that an expression reads; undefined if it is none, or goes through an array. */
export type PathOf = (expression: Expression) => Path | undefined

/** What an alias stands for: the value at a path, or an object whose properties are at paths. */
type Binding = readonly string[] | ReadonlyMap<string, Binding>

/** A query whose FROM goes through the documents one by one, and a condition that each of them must meet. */
export interface DocumentCondition {
  readonly condition: Expression
  readonly pathOf: PathOf
}

/** How the aliases of a query lead to paths of the container's documents. */
export function documentPaths(query: Query): PathOf {
  const binding = query.from && bindingOf(query.from.first)
  const alias = query.from?.first.alias
  if (!binding || alias === undefined) return () => undefined
  return (expression) => {
    const found = resolve(expression, alias, binding)
    return found && isPath(found) && found.length ? pathOf(found) : undefined
  }
}

/** The conditions on single documents: of the query, and of those in its FROM. */
export function documentConditions(query: Query): DocumentCondition[] {
  const inner = query.from?.first.collection
  return [
    ...(query.where ? [{ condition: query.where, pathOf: documentPaths(query) }] : []),
    ...(inner?.kind === 'query' ? documentConditions(inner.query) : []),
  ]
}

/**
 * Whether each document gives its results by itself, whatever the others are: FROM ranges over the documents, through
 * plain subqueries at most.
 */
export function isDocumentWise({ from }: Query): boolean {
  if (!from) return false
  const { collection } = from.first
  return collection.kind === 'path' || (isPlain(collection.query) && isDocumentWise(collection.query))
}

function isPlain(query: Query): boolean {
  const { distinct, top, groupBy, orderBy, offset } = query
  return !distinct && !top && !groupBy && !orderBy && !offset && !usesAggregates(query)
}

function bindingOf({ iterates, collection }: Input): Binding | undefined {
  return iterates ? undefined : bindingOfCollection(collection)
}

function bindingOfCollection(collection: Collection): Binding | undefined {
  if (collection.kind === 'path') {
    const { steps } = collection
    return steps.every((step) => typeof step === 'string') ? (steps as string[]) : undefined
  }
  const { from, select } = collection.query
  if (!from || !isPlain(collection.query) || !isDocumentWise(collection.query)) return undefined
  const inner = bindingOf(from.first)
  const alias = from.first.alias
  if (!inner || alias === undefined) return undefined
  if (select.kind === 'star') return inner
  if (select.kind === 'value') return resolve(select.value, alias, inner)
  return new Map(
    select.items.flatMap(({ name, value }) => {
      const binding = resolve(value, alias, inner)
      return binding ? [[name, binding] as const] : []
    }),
  )
}

function resolve(expression: Expression, alias: string, binding: Binding): Binding | undefined {
  if (expression.kind === 'name') return expression.name === alias ? binding : undefined
  if (expression.kind !== 'property') return undefined
  const of = resolve(expression.of, alias, binding)
  if (!of) return undefined
  return isPath(of) ? [...of, expression.name] : of.get(expression.name)
}

const isPath = (binding: Binding): binding is readonly string[] => Array.isArray(binding)
