/**
 * Each call of Cosmos DB as a span with what it cost, by the conventions for databases and for Cosmos DB. The SDK makes
 * none; its plugins, though, see each operation but queries, and each of the requests that an operation or a page of a query
 * comes to when it is throttled and tried again.
 */
import type { Plugin, PluginConfig } from '@azure/cosmos'
import { type Attributes, type Context, context, createContextKey, SpanKind } from '@opentelemetry/api'
import { cosmosStatus } from '../cosmosErrors.ts'
import { databaseDuration, requestCharge, throttledRequests } from './instruments.ts'
import { beginSpan, errorType, markFailed, now } from './tracing.ts'

type Request = Parameters<Plugin<unknown>>[0]

/** What the requests of one operation came to. */
interface Cost {
  requestUnits: number
  throttled: number
}

/** Of the operations that are under way; the requests that one comes to are the same object. */
const costs = new WeakMap<Request, Cost>()
const parentKey = createContextKey('store.cosmos.parent')

/** The names of the conventions. */
const operationNames: Record<string, string> = {
  create: 'create_item',
  replace: 'replace_item',
  upsert: 'upsert_item',
  delete: 'delete_item',
  read: 'read_item',
  query: 'query_items',
  batch: 'execute_batch',
  patch: 'patch_item',
}

/**
 * Runs work whose operation belongs where its answer says: an order's trace is known once the order is there.
 * @param parentOf the context that the operation is a step of, by the document that it answered.
 */
export function belongingTo<T>(parentOf: (document: object) => Context, work: () => Promise<T>): Promise<T> {
  return context.with(context.active().setValue(parentKey, parentOf), work)
}

/** An operation that has begun. */
interface Operation {
  request: Request
  active: Context
  begin: number
  cost: Cost
  /** How its last try failed, where it did. */
  error?: unknown
}

const beginOperation = (request: Request): Operation => ({
  request,
  active: context.active(),
  begin: now(),
  cost: { requestUnits: 0, throttled: 0 },
})

/** Writes an operation down once it is known how it ended. */
function record(
  { request, active, begin, cost }: Operation,
  status: number | undefined,
  error: unknown,
  result?: unknown,
) {
  const parentOf = active.getValue(parentKey) as ((document: object) => Context) | undefined
  const operation = operationOf(request)
  const { database, container } = placeOf(request.path)
  const span = beginSpan(`${operation} ${container}`, {
    kind: SpanKind.CLIENT,
    parent: parentOf && result && typeof result === 'object' ? parentOf(result) : active,
    begin,
  })
  const labels: Attributes = {
    'db.system.name': 'azure.cosmosdb',
    'db.operation.name': operation,
    'db.collection.name': container,
  }
  // Not made for a span that nobody is to see.
  if (span.isRecording()) {
    span.setAttributes(labels)
    span.setAttributes(attributesOf(request, database, cost))
    span.setAttributes(answerOf(status, error, result))
  }
  const failed = error !== undefined && isFailure(status)
  if (failed) markFailed(span, errorType(error))
  const end = now()
  span.end(end)
  databaseDuration((end - begin) / 1_000, failed ? { ...labels, 'error.type': errorType(error) } : labels)
  requestCharge(cost.requestUnits, labels)
  if (cost.throttled) throttledRequests(labels, cost.throttled)
}

const onOperation: Plugin<unknown> = async (request, _node, next) => {
  // Not what the SDK asks for its own sake: where the account's regions and partitions are.
  if (request.resourceType !== 'docs') return next(request)
  const operation = beginOperation(request)
  costs.set(request, operation.cost)
  try {
    const response = await next(request)
    record(operation, response.code, undefined, response.result)
    return response
  } catch (error) {
    record(operation, cosmosStatus(error), error)
    throw error
  }
}

/**
 * The SDK calls a query no operation: of each of its pages there are requests alone, one for each try, which are known to
 * be of one page by being the same object. One that failed is told of when it succeeds after all or, at the latest, when
 * the work ends that it is part of.
 */
const queriesKey = createContextKey('store.cosmos.queries')
type Queries = Map<Request, Operation>

/** Runs work on the database, with its queries told of. */
export async function withQueries<T>(work: () => Promise<T>): Promise<T> {
  const queries: Queries = new Map()
  try {
    return await context.with(context.active().setValue(queriesKey, queries), work)
  } finally {
    for (const query of queries.values())
      if (query.error !== undefined) record(query, cosmosStatus(query.error), query.error)
  }
}

function queryOf(request: Request): { query: Operation; queries: Queries } | undefined {
  const queries = context.active().getValue(queriesKey) as Queries | undefined
  if (!queries || request.resourceType !== 'docs') return undefined
  const query = queries.get(request) ?? beginOperation(request)
  queries.set(request, query)
  return { query, queries }
}

const onRequest: Plugin<unknown> = async (request, _node, next) => {
  const ofOperation = costs.get(request)
  const page = ofOperation ? undefined : queryOf(request)
  const cost = ofOperation ?? page?.query.cost
  try {
    const response = await next(request)
    if (cost) cost.requestUnits += chargeOf(response)
    if (page) {
      page.queries.delete(request)
      record(page.query, response.code, undefined, response.result)
    }
    return response
  } catch (error) {
    if (cost) {
      cost.requestUnits += chargeOf(error)
      if (cosmosStatus(error) === 429) cost.throttled++
    }
    if (page) page.query.error = error
    throw error
  }
}

/** For the client's options, in which the SDK takes them and whose type does not say so. */
export const cosmosPlugins: { plugins: PluginConfig[] } = {
  plugins: [
    { on: 'operation', plugin: onOperation },
    { on: 'request', plugin: onRequest },
  ],
}

function operationOf({ operationType, headers }: Request): string {
  // Before a query over several partitions the SDK asks how to go about it.
  if (headers?.['x-ms-cosmos-is-query-plan-request']) return 'query_plan'
  return operationNames[operationType ?? ''] ?? '_OTHER'
}

/** The database and the container of `/dbs/DATABASE/colls/CONTAINER/…`. */
function placeOf(path = ''): { database: string; container: string } {
  const [, database = '', container = ''] = /dbs\/([^/]+)(?:\/colls\/([^/]+))?/.exec(path) ?? []
  return { database, container }
}

function attributesOf(request: Request, database: string, { requestUnits, throttled }: Cost): Attributes {
  const { body } = request
  return {
    'db.namespace': database,
    'azure.cosmosdb.operation.request_charge': requestUnits,
    ...(Array.isArray(body) &&
      body.length > 1 &&
      request.operationType === 'batch' && { 'db.operation.batch.size': body.length }),
    ...serverOf(request.endpoint ?? ''),
    ...(throttled && { 'store.cosmosdb.throttled_requests': throttled }),
  }
}

/** By endpoint, of which an account has one for each of its regions. */
const servers = new Map<string, Attributes>()

function serverOf(endpoint: string): Attributes {
  const known = servers.get(endpoint)
  if (known) return known
  const { hostname, port } = URL.parse(endpoint) ?? {}
  const server = {
    ...(hostname && { 'server.address': hostname }),
    ...(port && { 'server.port': Number(port) }),
  }
  servers.set(endpoint, server)
  return server
}

function answerOf(status: number | undefined, error: unknown, result: unknown): Attributes {
  const { substatus } = (error ?? {}) as { substatus?: unknown }
  const rows = (result as { Documents?: unknown } | null | undefined)?.Documents
  return {
    ...(status !== undefined && { 'db.response.status_code': String(status) }),
    ...(typeof substatus === 'number' &&
      substatus && { 'azure.cosmosdb.response.sub_status_code': substatus }),
    ...(Array.isArray(rows) && { 'db.response.returned_rows': rows.length }),
  }
}

/** "It is not there", "it is there already" and "it has changed" are answers that the stores ask for. */
const isFailure = (status: number | undefined) => ![304, 404, 409, 412].includes(status ?? 0)

function chargeOf(answer: unknown): number {
  const { headers } = (answer ?? {}) as { headers?: Record<string, unknown> }
  const charge = Number(headers?.['x-ms-request-charge'])
  return Number.isFinite(charge) ? charge : 0
}
