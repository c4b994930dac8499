/**
 * Each call of Cosmos DB as a span with what it cost, by the conventions for databases and for Cosmos DB. The SDK makes
 * none; its plugins, though, see each operation, and each of the requests that an operation comes to when it is throttled
 * and tried again.
 */
import type { Plugin, PluginConfig } from '@azure/cosmos'
import { type Attributes, type Context, context, createContextKey, SpanKind } from '@opentelemetry/api'
import { databaseDuration, requestCharge, throttledRequests } from './instruments.ts'
import { beginSpan, errorType, markFailed, now } from './tracing.ts'

type Request = Parameters<Plugin<unknown>>[0]

/** What the requests of one operation came to. */
interface Cost {
  requestUnits: number
  throttled: number
}

const costKey = createContextKey('store.cosmos.cost')
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

const onOperation: Plugin<unknown> = async (request, _node, next) => {
  // Not what the SDK asks for its own sake: where the account's regions and partitions are.
  if (request.resourceType !== 'docs') return next(request)
  const active = context.active()
  const cost: Cost = { requestUnits: 0, throttled: 0 }
  const begin = now()
  const record = (status: number | undefined, error: unknown, result?: unknown) => {
    const parentOf = active.getValue(parentKey) as ((document: object) => Context) | undefined
    const span = beginSpan(nameOf(request), {
      kind: SpanKind.CLIENT,
      attributes: { ...attributesOf(request, cost), ...answerOf(status, error, result) },
      parent: parentOf && result && typeof result === 'object' ? parentOf(result) : active,
      begin,
    })
    const failed = error !== undefined && isFailure(status)
    if (failed) markFailed(span, errorType(error))
    const end = now()
    span.end(end)
    const labels = {
      'db.system.name': 'azure.cosmosdb',
      'db.operation.name': operationOf(request),
      'db.collection.name': containerOf(request),
    }
    databaseDuration((end - begin) / 1_000, { ...labels, ...(failed && { 'error.type': errorType(error) }) })
    requestCharge(cost.requestUnits, labels)
    if (cost.throttled) throttledRequests(labels, cost.throttled)
  }
  try {
    const response = await context.with(active.setValue(costKey, cost), () => next(request))
    record(response.code, undefined, response.result)
    return response
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown }
    record(typeof code === 'number' ? code : undefined, error)
    throw error
  }
}

const onRequest: Plugin<unknown> = async (request, _node, next) => {
  const cost = context.active().getValue(costKey) as Cost | undefined
  try {
    const response = await next(request)
    if (cost) cost.requestUnits += chargeOf(response)
    return response
  } catch (error) {
    if (cost) {
      cost.requestUnits += chargeOf(error)
      if ((error as { code?: unknown } | null)?.code === 429) cost.throttled++
    }
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

function nameOf(request: Request): string {
  return `${operationOf(request)} ${containerOf(request)}`
}

function operationOf({ operationType, headers }: Request): string {
  // Before a query over several partitions the SDK asks how to go about it.
  if (headers?.['x-ms-cosmos-is-query-plan-request']) return 'query_plan'
  return operationNames[operationType ?? ''] ?? '_OTHER'
}

const containerOf = ({ path = '' }: Request): string => /\/colls\/([^/]+)/.exec(path)?.[1] ?? ''

function attributesOf(request: Request, { requestUnits, throttled }: Cost): Attributes {
  const { hostname, port } = URL.parse(request.endpoint ?? '') ?? {}
  const { body } = request
  return {
    'db.system.name': 'azure.cosmosdb',
    'db.namespace': /dbs\/([^/]+)/.exec(request.path ?? '')?.[1] ?? '',
    'db.collection.name': containerOf(request),
    'db.operation.name': operationOf(request),
    'azure.cosmosdb.operation.request_charge': requestUnits,
    ...(Array.isArray(body) &&
      body.length > 1 &&
      request.operationType === 'batch' && { 'db.operation.batch.size': body.length }),
    ...(hostname && { 'server.address': hostname }),
    ...(port && { 'server.port': Number(port) }),
    ...(throttled && { 'store.cosmosdb.throttled_requests': throttled }),
  }
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
