/** What a token must grant for a request. Source of the actions: "Azure Cosmos DB for NoSQL data plane security reference". */
import type { Scope } from '../access/access.ts'
import { isQuery } from './answers.ts'
import { isTrue, type Request } from './message.ts'

const account = 'Microsoft.DocumentDB/databaseAccounts'
const container = `${account}/sqlDatabases/containers`
const items = `${container}/items`

/** What a request with a token needs. */
export interface Need {
  /** Data actions, all of them. */
  readonly actions: readonly string[]
  readonly scope: Scope
}

/** The ids of a database and a container that a request may name by their resource ids. */
export interface Names {
  namesOf(database: string, container?: string): readonly string[]
}

/** A query needs both, by the reference of the actions: "To execute NoSQL queries using the SDKs …". */
const query = [`${container}/executeQuery`, `${container}/readChangeFeed`]

/** undefined: no role has an action for it. It is of the control plane, and only the key of the account will do. */
export function needsOf(request: Request, names: Names): Need | undefined {
  const { method, segments } = request
  if (segments[4] === 'docs') return { actions: actionsOf(request), scope: scopeOf(segments, names) }
  if (method !== 'GET' || segments[0] === 'offers') return undefined
  return { actions: [`${account}/readMetadata`], scope: scopeOf(segments, names) }
}

/** What the right has to be granted on. Source: "Metadata requests" in "Configure role-based access control". */
function scopeOf([first, database, , container]: readonly string[], names: Names): Scope {
  if (first === undefined) return undefined
  if (database === undefined) return '/'
  const [databaseId, containerId] = names.namesOf(database, container)
  return containerId === undefined ? `/dbs/${databaseId}` : `/dbs/${databaseId}/colls/${containerId}`
}

function actionsOf(request: Request): readonly string[] {
  const { method, segments, headers } = request
  if (segments.length === 6) {
    if (method === 'GET') return [`${items}/read`]
    if (method === 'DELETE') return [`${items}/delete`]
    return [`${items}/replace`]
  }
  if (method === 'GET') return headers['a-im'] === undefined ? query : [`${container}/readChangeFeed`]
  if (isTrue(headers['x-ms-cosmos-is-batch-request'])) return batchActions(request)
  if (isTrue(headers['x-ms-cosmos-is-query-plan-request'])) return [`${account}/readMetadata`]
  if (isQuery(request)) return query
  return [isTrue(headers['x-ms-documentdb-is-upsert']) ? `${items}/upsert` : `${items}/create`]
}

const ofOperation: Readonly<Record<string, string>> = {
  Create: 'create',
  Upsert: 'upsert',
  Read: 'read',
  Replace: 'replace',
  Patch: 'replace',
  Delete: 'delete',
}

/** What cannot be read as a batch needs all of them: it is refused later, with the place. */
function batchActions({ body }: Request): string[] {
  let operations: unknown
  try {
    operations = JSON.parse(body.toString())
  } catch {
    operations = undefined
  }
  const types = Array.isArray(operations)
    ? operations.map((one: { operationType?: unknown } | null) => String(one?.operationType))
    : Object.keys(ofOperation)
  return [...new Set(types)].flatMap((type) => (ofOperation[type] ? [`${items}/${ofOperation[type]}`] : []))
}
