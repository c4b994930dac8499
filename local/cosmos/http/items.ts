/** Documents: one by one, in batches, as the answer of a query, and in the order of their changes. */
import { readChangeFeed } from '../changefeed/changeFeed.ts'
import { charges } from '../charges/charges.ts'
import { runBatch } from '../documents/batch.ts'
import type { Answer } from '../documents/documents.ts'
import type { Preconditions } from '../documents/preconditions.ts'
import { badRequest, notSupported } from '../errors.ts'
import {
  checkQuery,
  type Json,
  pathsOfQuery,
  type QueryFacts,
  type QuerySpec,
  runQuery,
} from '../query/index.ts'
import type { Container, Part } from '../resources/container.ts'
import { type PartitionKey, parsePartitionKey } from '../resources/partitionKey.ts'
import type { Store } from '../storage/store.ts'
import { isQuery, methodNotAllowed } from './answers.ts'
import { indexMetricsOf } from './indexMetrics.ts'
import { isTrue, jsonOf, maxItemCountOf, querySpecOf, type Request, type Response } from './message.ts'

export function onItems(request: Request, container: Container, store: Store): Response {
  const { method, headers } = request
  if (method === 'GET')
    return headers['a-im'] === undefined ? readAll(request, container) : changes(request, container)
  if (method !== 'POST') throw methodNotAllowed(request)
  if (isTrue(headers['x-ms-cosmos-is-query-plan-request'])) return queryPlan(request)
  if (isTrue(headers['x-ms-cosmos-is-batch-request'])) return batch(request, container, store)
  if (isQuery(request)) return query(request, container, querySpecOf(request))
  const isUpsert = isTrue(headers['x-ms-documentdb-is-upsert'])
  refuseLeftOut(request)
  const key = keyOf(request, container)
  const write = () => container.documents.create(key, jsonOf(request), preconditionsOf(request), isUpsert)
  return written(request, store.atomically(write))
}

export function onItem(request: Request, container: Container, store: Store, id: string): Response {
  const { documents } = container
  const key = keyOf(request, container)
  const preconditions = preconditionsOf(request)
  if (request.method === 'GET') {
    const { text, etag, ...answer } = documents.read(key, id, preconditions)
    return { ...answer, body: text as string, headers: { etag: etag as string } }
  }
  refuseLeftOut(request)
  const write = (): Answer => {
    switch (request.method) {
      case 'PUT':
        return documents.replace(key, id, jsonOf(request), preconditions)
      case 'PATCH':
        return documents.patch(key, id, jsonOf(request), preconditions)
      case 'DELETE':
        return documents.remove(key, id, preconditions)
      default:
        throw methodNotAllowed(request)
    }
  }
  return written(request, store.atomically(write))
}

function written(request: Request, { status, text, etag, charge }: Answer): Response {
  return {
    status,
    charge,
    ...(etag !== undefined && { headers: { etag } }),
    ...(text !== undefined && returnsContent(request) && { body: text }),
  }
}

function batch(request: Request, container: Container, store: Store): Response {
  const { headers } = request
  if (!(headers['content-type'] ?? 'application/json').includes('json') || request.body[0] === 0x81)
    throw notSupported('A batch in the binary format (HybridRow) of the .NET SDK')
  const key = headers['x-ms-documentdb-partitionkey']
  const { status, results, charge } = runBatch(jsonOf(request), container.documents, store, {
    atomic: isTrue(headers['x-ms-cosmos-batch-atomic']),
    continueOnError: isTrue(headers['x-ms-cosmos-batch-continue-on-error']),
    partitionKey: key === undefined ? undefined : parsePartitionKey(key, container.resource.partitionKey),
    definition: container.resource.partitionKey,
    returnsContent: returnsContent(request),
  })
  return { status, charge, body: JSON.stringify(results) }
}

function readAll(request: Request, container: Container): Response {
  return query(request, container, { query: 'SELECT * FROM c' }, partOf(request, container))
}

function query(request: Request, container: Container, spec: QuerySpec, readPart?: Part): Response {
  const { headers } = request
  const part = readPart ?? partOf(request, container)
  const crosses = !part.key && headers['x-ms-documentdb-partitionkeyrangeid'] === undefined && !part.hashes
  if (crosses && !readPart && !isTrue(headers['x-ms-documentdb-query-enablecrosspartition']))
    throw badRequest(
      'Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to true, specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.',
    )
  const maxItemCount = maxItemCountOf(request)
  const continuation = headers['x-ms-continuation']
  const begin = performance.now()
  const page = runQuery(spec, container.source(part), {
    owner: container.resource._rid,
    ...(maxItemCount !== undefined && { maxItemCount }),
    ...(continuation ? { continuation } : {}),
  })
  const documents = `[${page.results.map((result) => textOf(result, container)).join(',')}]`
  const count = page.results.length
  const metrics = isTrue(headers['x-ms-documentdb-populatequerymetrics'])
    ? metricsOf(page.facts, count, documents.length, performance.now() - begin)
    : undefined
  if (isTrue(headers['x-ms-cosmos-populateindexmetrics']))
    throw notSupported('The first version of the index metrics')
  const indexes = isTrue(headers['x-ms-cosmos-populateindexmetrics-v2'])
    ? indexMetricsOf(pathsOfQuery(spec), container.resource.indexingPolicy)
    : undefined
  return {
    status: 200,
    charge: charges.query(page.facts),
    body: `{"_rid":"${container.resource._rid}","Documents":${documents},"_count":${count}}`,
    headers: {
      'x-ms-item-count': String(count),
      ...(page.continuation !== undefined && { 'x-ms-continuation': page.continuation }),
      ...(indexes !== undefined && { 'x-ms-cosmos-index-utilization': indexes }),
      ...(metrics !== undefined && { 'x-ms-documentdb-query-metrics': metrics }),
    },
  }
}

/**
 * SDKs ask how a query is to be spread over partitions and what they have to do to the results. There is one partition,
 * and it answers the whole query: nothing is left to do.
 */
function queryPlan(request: Request): Response {
  checkQuery(querySpecOf(request))
  const plan = {
    partitionedQueryExecutionInfoVersion: 2,
    queryInfo: {
      distinctType: 'None',
      top: null,
      offset: null,
      limit: null,
      orderBy: [],
      orderByExpressions: [],
      groupByExpressions: [],
      groupByAliases: [],
      aggregates: [],
      groupByAliasToAggregateType: {},
      rewrittenQuery: '',
      hasSelectValue: false,
      hasNonStreamingOrderBy: false,
      dCountInfo: null,
    },
    queryRanges: [{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }],
  }
  // Not of the container's throughput: it is metadata.
  return { status: 200, body: JSON.stringify(plan), charge: 0 }
}

function changes(request: Request, container: Container): Response {
  const { headers } = request
  const count = maxItemCountOf(request) ?? 100
  const { documents, etag, charge } = readChangeFeed(container, {
    part: partOf(request, container),
    mode: headers['a-im'] ?? '',
    after: headers['if-none-match'],
    since: headers['if-modified-since'],
    maxItemCount: count > 0 ? Math.min(count, 1000) : 1000,
  })
  // The .NET SDK reads the number of items also where there are none.
  if (documents.length === 0) return { status: 304, headers: { etag, 'x-ms-item-count': '0' }, charge }
  return {
    status: 200,
    charge,
    body: `{"_rid":"${container.resource._rid}","Documents":[${documents.join(',')}],"_count":${documents.length}}`,
    headers: { etag, 'x-ms-item-count': String(documents.length) },
  }
}

/** The partition of a document. @throws 400 where the request does not say it. */
function keyOf({ headers }: Request, container: Container): PartitionKey {
  const text = headers['x-ms-documentdb-partitionkey']
  if (text === undefined) throw badRequest('PartitionKey value must be supplied for this operation.')
  return parsePartitionKey(text, container.resource.partitionKey)
}

function partOf({ headers }: Request, container: Container): Part {
  const text = headers['x-ms-documentdb-partitionkey']
  const range = headers['x-ms-documentdb-partitionkeyrangeid']
  if (range !== undefined && !/^([^,]*,)?0$/.test(range)) {
    throw badRequest(`There is no partition key range ${range}: all is in the range 0.`)
  }
  const from = headers['x-ms-start-epk']
  const to = headers['x-ms-end-epk']
  const isWhole = (from ?? '') === '' && (to ?? 'FF') === 'FF'
  return {
    key: text === undefined ? undefined : parsePartitionKey(text, container.resource.partitionKey),
    hashes: isWhole ? undefined : { from: from ?? '', to: to ?? 'FF' },
  }
}

function preconditionsOf({ headers }: Request): Preconditions {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] }
}

/** A document that is answered as it is kept has its text already. */
const textOf = (result: Json, { table }: Container) =>
  (typeof result === 'object' && result !== null ? table.textOf(result) : undefined) ?? JSON.stringify(result)

const returnsContent = ({ headers }: Request) => !/return=minimal/i.test(headers.prefer ?? '')

/** What would make the write another one. */
function refuseLeftOut({ headers }: Request): void {
  if (headers['x-ms-documentdb-pre-trigger-include'] || headers['x-ms-documentdb-post-trigger-include'])
    throw notSupported('A trigger')
  const directive = headers['x-ms-indexing-directive'] ?? 'Default'
  if (!/^(default|include)$/i.test(directive)) throw notSupported(`The indexing directive "${directive}"`)
}

function metricsOf(facts: QueryFacts, count: number, size: number, milliseconds: number): string {
  const time = milliseconds.toFixed(2)
  return [
    `totalExecutionTimeInMs=${time}`,
    'queryCompileTimeInMs=0.00',
    'queryLogicalPlanBuildTimeInMs=0.00',
    'queryPhysicalPlanBuildTimeInMs=0.00',
    'queryOptimizationTimeInMs=0.00',
    `VMExecutionTimeInMs=${time}`,
    'indexLookupTimeInMs=0.00',
    'instructionCount=0',
    'documentLoadTimeInMs=0.00',
    'systemFunctionExecuteTimeInMs=0.00',
    'userFunctionExecuteTimeInMs=0.00',
    `retrievedDocumentCount=${facts.documentsRead}`,
    `retrievedDocumentSize=${facts.bytesRead}`,
    `outputDocumentCount=${count}`,
    `outputDocumentSize=${size}`,
    'writeOutputTimeInMs=0.00',
    `indexUtilizationRatio=${facts.index === null ? '0.00' : '1.00'}`,
  ].join(';')
}
