/** The queries of the local Cosmos DB: pure code over a `Source`. */
export { compileCondition } from './condition.ts'
export { afterPrefix, encodeKey } from './encodeKey.ts'
export { QueryError } from './error.ts'
export { compare, equal } from './order.ts'
export { namesOf, pathOf, valueAt } from './path.ts'
export type { PathOrder } from './plan.ts'
export { checkQuery, pathsOfQuery, type QueryPaths, runQuery } from './run.ts'
export type * from './source.ts'
