import { badRequest, CosmosError, codeOf } from '../errors.ts'
import { QueryError } from '../query/index.ts'
import {
  type PartitionKey,
  type PartitionKeyDefinition,
  parsePartitionKey,
} from '../resources/partitionKey.ts'
import type { Store } from '../storage/store.ts'
import { isObject } from './body.ts'
import type { Answer, Documents } from './documents.ts'

/** The most operations of one batch. */
const most = 100

export interface BatchOptions {
  /** All or nothing, in the partition of the request; else each operation by itself, with a partition of its own. */
  readonly atomic: boolean
  /** Whether operations follow one that failed. */
  readonly continueOnError: boolean
  readonly partitionKey: PartitionKey | undefined
  readonly definition: PartitionKeyDefinition
  /** Whether writes answer the document. */
  readonly returnsContent: boolean
}

export interface BatchAnswer {
  /** 207 when one of them failed. */
  readonly status: 200 | 207
  readonly results: readonly object[]
  readonly charge: number
}

interface Result {
  readonly statusCode: number
  readonly requestCharge: number
  readonly subStatusCode?: number
  readonly eTag?: string
  readonly resourceBody?: unknown
  readonly message?: string
  readonly retryAfterMilliseconds?: number
}

/** Does the operations of a batch, in their order. @throws 400 when it is no batch. */
export function runBatch(
  body: unknown,
  documents: Documents,
  store: Store,
  options: BatchOptions,
): BatchAnswer {
  if (!Array.isArray(body) || body.length === 0)
    throw badRequest('A batch is a list of one or more operations.')
  if (body.length > most)
    throw badRequest(`Batch request has more operations than what is supported: ${body.length} of ${most}.`)
  const operations = body.map((entry) => readOperation(entry))
  if (options.atomic && !options.partitionKey)
    throw badRequest('A transactional batch names its partition key in the header.')
  const results = options.atomic
    ? runWhole(operations, documents, store, options)
    : runEach(operations, documents, store, options)
  const failed = results.some(({ statusCode }) => statusCode >= 400)
  const charge = results.reduce((sum, { requestCharge }) => sum + requestCharge, 0)
  return { status: failed ? 207 : 200, results, charge: Math.round(charge * 100) / 100 }
}

/** Ends the transaction of a batch; what it holds tells what happened. */
class Failed extends Error {
  readonly results: Result[]
  constructor(results: Result[]) {
    super()
    this.results = results
  }
}

function runWhole(
  operations: Operation[],
  documents: Documents,
  store: Store,
  options: BatchOptions,
): Result[] {
  try {
    return store.atomically(() => {
      const results: Result[] = []
      for (const [i, operation] of operations.entries()) {
        const result = attempt(operation, documents, options)
        if (result.statusCode >= 400) {
          const others = operations.map((): Result => ({ statusCode: 424, requestCharge: 0 }))
          others[i] = result
          throw new Failed(others)
        }
        results.push(result)
      }
      return results
    })
  } catch (error) {
    if (error instanceof Failed) return error.results
    throw error
  }
}

function runEach(
  operations: Operation[],
  documents: Documents,
  store: Store,
  options: BatchOptions,
): Result[] {
  let failed = false
  return operations.map((operation) => {
    if (failed && !options.continueOnError) return { statusCode: 424, requestCharge: 0 }
    const result = attempt(operation, documents, options, store)
    failed ||= result.statusCode >= 400
    return result
  })
}

function attempt(operation: Operation, documents: Documents, options: BatchOptions, store?: Store): Result {
  try {
    const key = keyOf(operation, options)
    const work = () => act(operation, key, documents)
    const { status, text, etag, charge } = store ? store.atomically(work) : work()
    const answers = text !== undefined && (options.returnsContent || operation.operationType === 'Read')
    return {
      statusCode: status,
      requestCharge: charge,
      ...(etag !== undefined && { eTag: etag }),
      ...(answers && { resourceBody: JSON.parse(text) }),
    }
  } catch (error) {
    if (error instanceof CosmosError) {
      const { status, substatus, charge, message } = error
      return {
        statusCode: status,
        requestCharge: charge,
        ...(substatus !== undefined && { subStatusCode: substatus }),
        ...(status >= 400 && { message: `${codeOf(status)}: ${message}` }),
      }
    }
    if (error instanceof QueryError) return { statusCode: 400, requestCharge: 1, message: error.message }
    throw error
  }
}

function keyOf({ partitionKey }: Operation, options: BatchOptions): PartitionKey {
  const own = partitionKey === undefined ? undefined : parsePartitionKey(partitionKey, options.definition)
  if (!options.atomic) {
    const key = own ?? options.partitionKey
    if (!key) throw badRequest('An operation of a bulk names its partition key.')
    return key
  }
  const key = options.partitionKey as PartitionKey
  if (own && JSON.stringify(own) !== JSON.stringify(key))
    throw badRequest('All operations of a transactional batch are in one partition.')
  return key
}

function act(operation: Operation, key: PartitionKey, documents: Documents): Answer {
  const { operationType, id = '', resourceBody } = operation
  switch (operationType) {
    case 'Create':
      return documents.create(key, resourceBody, operation)
    case 'Upsert':
      return documents.create(key, resourceBody, operation, true)
    case 'Read':
      return documents.read(key, id, operation)
    case 'Replace':
      return documents.replace(key, id, resourceBody, operation)
    case 'Patch':
      return documents.patch(key, id, resourceBody, operation)
    case 'Delete':
      return documents.remove(key, id, operation)
  }
}

interface Operation {
  readonly operationType: 'Create' | 'Upsert' | 'Read' | 'Replace' | 'Patch' | 'Delete'
  readonly id?: string
  readonly partitionKey?: string
  readonly resourceBody?: unknown
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
}

const types = ['Create', 'Upsert', 'Read', 'Replace', 'Patch', 'Delete']

function readOperation(given: unknown): Operation {
  if (!isObject(given) || typeof given.operationType !== 'string' || !types.includes(given.operationType))
    throw badRequest(`An operation of a batch has an operationType: ${types.join(', ')}.`)
  for (const name of ['id', 'ifMatch', 'ifNoneMatch'])
    if (given[name] !== undefined && given[name] !== null && typeof given[name] !== 'string')
      throw badRequest(`The "${name}" of an operation is a text.`)
  const { partitionKey, id, ifMatch, ifNoneMatch, operationType, resourceBody } = given
  if (!id && ['Read', 'Replace', 'Patch', 'Delete'].includes(operationType))
    throw badRequest(`The operation ${operationType} names the id of a document.`)
  return {
    operationType: operationType as Operation['operationType'],
    resourceBody,
    ...(partitionKey !== undefined &&
      partitionKey !== null && {
        partitionKey: typeof partitionKey === 'string' ? partitionKey : JSON.stringify(partitionKey),
      }),
    ...(typeof id === 'string' && { id }),
    ...(typeof ifMatch === 'string' && { ifMatch }),
    ...(typeof ifNoneMatch === 'string' && { ifNoneMatch }),
  }
}
