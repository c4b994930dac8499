/** Databases, containers, and what else SDKs read of an account. */
import { charges } from '../charges/charges.ts'
import { CosmosError, notSupported } from '../errors.ts'
import type { Catalogue } from '../resources/catalogue.ts'
import type { Container } from '../resources/container.ts'
import { isQuery, list, made, methodNotAllowed, ok, query } from './answers.ts'
import { jsonOf, type Request, type Response } from './message.ts'
import { throughputOf } from './offers.ts'

/** GET /: where the account's data is, which is here. `origin`: the address that the client came by. */
export function readAccount(origin: string): Response {
  const locations = [{ name: 'Local', databaseAccountEndpoint: `${origin}/` }]
  return ok({
    _self: '',
    // Not "localhost": the JavaScript SDK would ask for the account before each request.
    id: 'local',
    _rid: 'local',
    media: '//media/',
    addresses: '//addresses/',
    _dbs: '//dbs/',
    writableLocations: locations,
    readableLocations: locations,
    enableMultipleWriteLocations: false,
    userReplicationPolicy: { asyncReplication: false, minReplicaSetSize: 1, maxReplicasetSize: 4 },
    userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
    systemReplicationPolicy: { minReplicaSetSize: 1, maxReplicasetSize: 4 },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: JSON.stringify({
      maxSqlQueryInputLength: 262144,
      maxJoinsPerSqlQuery: 5,
      maxLogicalAndPerSqlQuery: 500,
      maxLogicalOrPerSqlQuery: 500,
      maxUdfRefPerSqlQuery: 10,
      maxInExpressionItemsCount: 16000,
      queryMaxInMemorySortDocumentCount: 500,
      maxQueryRequestTimeoutFraction: 0.9,
      sqlAllowNonFiniteNumbers: false,
      sqlAllowAggregateFunctions: true,
      sqlAllowSubQuery: true,
      sqlAllowScalarSubQuery: true,
      allowNewKeywords: true,
      sqlAllowLike: true,
      sqlAllowGroupByClause: true,
      maxSpatialQueryCells: 12,
      spatialMaxGeometryPointCount: 256,
      sqlDisableQueryILOptimization: false,
      sqlDisableFilterPlanOptimization: false,
    }),
  })
}

export function onDatabases(request: Request, catalogue: Catalogue): Response {
  const { method } = request
  if (method === 'GET') return list('Databases', '', catalogue.databases, request)
  if (method !== 'POST') throw methodNotAllowed(request)
  if (isQuery(request)) return query('Databases', '', catalogue.databases, request)
  if (throughputOf(request) !== undefined)
    throw notSupported('A throughput that the containers of a database share (give it to the containers)')
  return made(catalogue.createDatabase(jsonOf(request)))
}

export function onDatabase(request: Request, catalogue: Catalogue, name: string): Response {
  if (request.method === 'GET') {
    const { resource } = catalogue.database(name)
    return { ...ok(resource), headers: { etag: resource._etag } }
  }
  if (request.method !== 'DELETE') throw methodNotAllowed(request)
  catalogue.removeDatabase(name)
  return { status: 204, charge: charges.resource }
}

export function onContainers(request: Request, catalogue: Catalogue, database: string): Response {
  const { number, resource } = catalogue.database(database)
  const containers = () => catalogue.containersOf(number).map((container) => container.resource)
  if (request.method === 'GET') return list('DocumentCollections', resource._rid, containers(), request)
  if (request.method !== 'POST') throw methodNotAllowed(request)
  if (isQuery(request)) return query('DocumentCollections', resource._rid, containers(), request)
  const created = catalogue.createContainer(database, jsonOf(request), throughputOf(request))
  return made(created.resource)
}

export function onContainer(
  request: Request,
  catalogue: Catalogue,
  database: string,
  name: string,
): Response {
  const { method } = request
  if (method === 'GET') {
    const { resource } = catalogue.container(database, name)
    return {
      ...ok(resource),
      headers: { etag: resource._etag, 'x-ms-documentdb-collection-index-transformation-progress': '100' },
    }
  }
  if (method === 'PUT') {
    const ifMatch = request.headers['if-match']
    if (ifMatch && ifMatch !== '*' && ifMatch !== catalogue.container(database, name).resource._etag)
      throw new CosmosError(412, 'One of the specified pre-condition is not met.')
    return ok(catalogue.replaceContainer(database, name, jsonOf(request)).resource)
  }
  if (method !== 'DELETE') throw methodNotAllowed(request)
  catalogue.removeContainer(database, name)
  return { status: 204, charge: charges.resource }
}

/** One partition holds all hashes. SDKs keep the answer and ask by its ETag whether it still holds. */
export function readPartitionKeyRanges(request: Request, container: Container): Response {
  const etag = '"1"'
  if (request.headers['if-none-match'] === etag) return { status: 304, headers: { etag }, charge: 1 }
  const { _rid, _self, _ts } = container.resource
  const range = {
    id: '0',
    _rid: `${_rid.slice(0, -2)}AA==`,
    _etag: etag,
    minInclusive: '',
    maxExclusive: 'FF',
    ridPrefix: 0,
    _self: `${_self}pkranges/0/`,
    throughputFraction: 1,
    status: 'online',
    parents: [],
    _ts,
    lsn: container.table.lsn,
  }
  const body = { _rid, PartitionKeyRanges: [range], _count: 1 }
  return { ...ok(body), headers: { etag, 'x-ms-item-count': '1' } }
}
