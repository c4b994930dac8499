import { isTrue, type Request } from './message.ts'
import { isQuery } from './resources.ts'

const account = 'Microsoft.DocumentDB/databaseAccounts'
const container = `${account}/sqlDatabases/containers`
const items = `${container}/items`

/** The data actions that a request needs ("Azure Cosmos DB data plane actions"); undefined: no role has one for it. */
export function actionsOf(request: Request): readonly string[] | undefined {
  const { method, segments, headers } = request
  const kind = segments[4]
  if (kind !== 'docs')
    return method === 'GET' && segments[0] !== 'offers' ? [`${account}/readMetadata`] : undefined
  if (segments.length === 6) {
    if (method === 'GET') return [`${items}/read`]
    if (method === 'DELETE') return [`${items}/delete`]
    return [`${items}/replace`]
  }
  if (method === 'GET')
    return headers['a-im'] === undefined ? [`${container}/executeQuery`] : [`${container}/readChangeFeed`]
  if (isTrue(headers['x-ms-cosmos-is-batch-request'])) return batchActions(request)
  if (isTrue(headers['x-ms-cosmos-is-query-plan-request'])) return [`${account}/readMetadata`]
  if (isQuery(request)) return [`${container}/executeQuery`]
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
