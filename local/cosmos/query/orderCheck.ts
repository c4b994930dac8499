import type { PathOf } from './documentPaths.ts'
import { QueryError } from './error.ts'
import type { PathOrder } from './plan.ts'
import type { Source } from './source.ts'
import type { OrderItem } from './syntax.ts'

/**
 * The paths of ORDER BY. Throws `QueryError`, in the words of the service, for what is no path of a document, for a path
 * that the indexing policy excludes, and for several paths without their composite index.
 */
export function checkOrder(items: readonly OrderItem[], pathOf: PathOf, source: Source): PathOrder[] {
  const order = items.map(({ value, order }) => {
    const path = pathOf(value)
    if (path === undefined) {
      throw new QueryError(
        'Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.',
        'SC2206',
        'place' in value ? value.place : undefined,
      )
    }
    return { path, order }
  })
  if (order.length === 1 && !source.indexOf(order[0]?.path as string)) {
    throw new QueryError('The index path corresponding to the specified order-by item is excluded.')
  }
  if (order.length > 1 && !isServed(order, source)) {
    throw new QueryError(
      'The order by query does not have a corresponding composite index that it can be served from.',
    )
  }
  return order
}

/** A composite index has the same paths, in the same orders or all in the opposite ones. */
function isServed(order: readonly PathOrder[], source: Source): boolean {
  return source.compositeIndexes.some(({ paths, orders }) => {
    if (paths.length !== order.length || !order.every(({ path }, i) => path === paths[i])) return false
    const same = order.filter((item, i) => item.order === orders[i]).length
    return same === 0 || same === order.length
  })
}
