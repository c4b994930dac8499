/** Databases, containers, and what else SDKs read of an account. */
import { charges } from '../charges/charges.ts'
import { badRequest, CosmosError, notFound, notSupported } from '../errors.ts'
import { type Document, runQuery, type Source } from '../query/index.ts'
import type { Catalogue } from '../resources/catalogue.ts'
import type { Container } from '../resources/container.ts'
import { isTrue, jsonOf, maxItemCountOf, querySpecOf, type Request, type Response } from './message.ts'

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

/** The throughput that containers were made with. It can be read; what is enforced is the server's option. */
export function onOffers(request: Request, catalogue: Catalogue, id?: string): Response {
  const offers = catalogue.containers
    .filter(({ offered }) => offered !== undefined)
    .map(({ resource, offered }) => ({
      id: offerId(resource._rid),
      _rid: offerId(resource._rid),
      _self: `offers/${offerId(resource._rid)}/`,
      _etag: resource._etag,
      _ts: resource._ts,
      offerVersion: 'V2',
      offerType: 'Invalid',
      resource: resource._self,
      offerResourceId: resource._rid,
      content: { offerThroughput: offered as number, offerIsRUPerMinuteThroughputEnabled: false },
    }))
  if (id !== undefined) {
    if (request.method !== 'GET') throw notSupported('A change of throughput')
    const offer = offers.find((one) => one.id.toLowerCase() === id.toLowerCase())
    if (!offer) throw notFound()
    return ok(offer)
  }
  if (request.method === 'GET') return list('Offers', '', offers, request)
  if (request.method !== 'POST' || !isQuery(request)) throw methodNotAllowed(request)
  return query('Offers', '', offers, request)
}

const offerId = (rid: string) => Buffer.from(rid).toString('base64url').slice(0, 8)

export const isQuery = ({ headers }: Request): boolean =>
  isTrue(headers['x-ms-documentdb-isquery']) ||
  isTrue(headers['x-ms-documentdb-query']) ||
  (headers['content-type'] ?? '').startsWith('application/query+json')

export const methodNotAllowed = ({ method, segments }: Request) =>
  new CosmosError(405, `The method ${method} is not for /${segments.join('/')}.`)

const ok = (resource: object): Response => ({
  status: 200,
  body: JSON.stringify(resource),
  charge: charges.resource,
})

const made = (resource: object & { _etag: unknown }): Response => ({
  ...ok(resource),
  status: 201,
  headers: { etag: String(resource._etag) },
})

function list(name: string, rid: string, all: readonly object[], request: Request): Response {
  const size = maxItemCountOf(request) ?? 100
  const from = Number(request.headers['x-ms-continuation'] ?? 0)
  if (!Number.isSafeInteger(from) || from < 0) throw badRequest('Invalid Continuation Token')
  const end = size > 0 ? from + size : all.length
  return feed(name, rid, all.slice(from, end), end < all.length ? String(end) : undefined)
}

function query(name: string, rid: string, all: readonly object[], request: Request): Response {
  const spec = querySpecOf(request)
  const continuation = request.headers['x-ms-continuation']
  const maxItemCount = maxItemCountOf(request)
  const page = runQuery(spec, listSource(all), {
    ...(maxItemCount !== undefined && { maxItemCount }),
    ...(continuation !== undefined && { continuation }),
  })
  return feed(name, rid, page.results, page.continuation)
}

function feed(name: string, _rid: string, entries: readonly unknown[], continuation?: string): Response {
  return {
    ...ok({ _rid, [name]: entries, _count: entries.length }),
    headers: {
      'x-ms-item-count': String(entries.length),
      ...(continuation !== undefined && { 'x-ms-continuation': continuation }),
    },
  }
}

/** A short list for a query to read. */
function listSource(all: readonly object[]): Source {
  const rows = all.map((one, rid) => ({
    document: one as Document,
    position: { key: new Uint8Array(), rid },
    bytes: 0,
  }))
  return {
    compositeIndexes: [],
    indexOf: () => undefined,
    count: (limit) => Math.min(limit, rows.length),
    scan: ({ reverse, after }) => {
      const ordered = reverse ? rows.toReversed() : rows
      return after
        ? ordered.filter(({ position: { rid } }) => (reverse ? rid < after.rid : rid > after.rid))
        : ordered
    },
  }
}

function throughputOf({ headers }: Request): number | undefined {
  const manual = headers['x-ms-offer-throughput']
  const automatic = headers['x-ms-cosmos-offer-autopilot-settings']
  if (manual !== undefined && automatic !== undefined)
    throw badRequest('A container has either a throughput or a maximum throughput.')
  if (automatic !== undefined) {
    const most = Number((safeJson(automatic) as { maxThroughput?: unknown } | undefined)?.maxThroughput)
    if (!Number.isInteger(most) || most < 1000 || most % 1000 !== 0)
      throw badRequest('The maximum throughput is a multiple of 1000.')
    return most
  }
  if (manual === undefined) return undefined
  const throughput = Number(manual)
  if (!Number.isInteger(throughput) || throughput < 400 || throughput % 100 !== 0)
    throw badRequest(
      'The offer should have valid throughput values between 400 and 1000000 inclusive in increments of 100.',
    )
  return throughput
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
