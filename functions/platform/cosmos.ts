/** Cosmos DB: one client a process, made on first use, and how an operation on it is run. */
import { setTimeout as delay } from 'node:timers/promises'
import { config } from './config.ts'
import { cosmosStatus, isDependencyFault } from './cosmosErrors.ts'
import { signer } from './cosmosKey.ts'
import { identity } from './identity.ts'
import { once } from './once.ts'
import { unavailable } from './problem.ts'
import { cosmosPlugins, withQueries } from './telemetry/cosmosSpans.ts'

/**
 * How long one request may take, and an operation with all its retries, in milliseconds. The SDK alone would repeat a
 * read that is not answered for twenty minutes; whoever waits here is a customer, or holds the lock of a message.
 */
const timeout = { request: 5_000, operation: 12_000 }

const database = once(async () => {
  const { CosmosClient } = await import('@azure/cosmos')
  const { cosmos } = config()
  const options = {
    ...cosmosPlugins,
    connectionPolicy: {
      requestTimeout: timeout.request,
      retryOptions: {
        maxRetryAttemptCount: 5,
        fixedRetryIntervalInMilliseconds: 0,
        maxWaitTimeInSeconds: 10,
      },
    },
  }
  const client =
    'address' in cosmos
      ? new CosmosClient({ endpoint: cosmos.address, aadCredentials: await identity(), ...options })
      : new CosmosClient({ ...parseConnectionString(cosmos.connectionString), ...options })
  return client.database(cosmos.database)
})

/**
 * The partition of what belongs to the whole store: the catalogue and the counted hours. A database is one store; another
 * store has a database and a queue of its own.
 */
export const storePartition = 'contoso'

/** A container of the store's database. Containers are made by the infrastructure (`infra/cosmos.json`), never here. */
export async function container(id: 'products' | 'orders' | 'secrets' | 'analytics') {
  return (await database()).container(id)
}

function parseConnectionString(text: string) {
  const parts = new Map(
    text.split(';').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  )
  return {
    endpoint: parts.get('AccountEndpoint') ?? '',
    tokenProvider: signer(parts.get('AccountKey') ?? ''),
  }
}

/** What an operation is to pass on to the SDK, so that it ends with its time. */
export interface OperationOptions {
  abortSignal: AbortSignal
}

/**
 * Runs an operation on Cosmos DB; one that is throttled, unreachable or silent becomes a 503 problem.
 * @throws {ProblemError} 503 with Retry-After.
 */
export async function onCosmos<T>(operation: (options: OperationOptions) => Promise<T>): Promise<T> {
  const ending = new AbortController()
  // Not `AbortSignal.timeout`, which goes off later all the same when the operation is long done.
  const timer = setTimeout(() => ending.abort(), timeout.operation)
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await withQueries(() => operation({ abortSignal: ending.signal }))
      } catch (error) {
        // Another write to the same document was under way; the SDK leaves trying again to its caller.
        if (cosmosStatus(error) === 449 && attempt < 4) await delay(Math.random() * 20 * attempt)
        else throw isDependencyFault(error) ? unavailable('The database', error) : error
      }
    }
  } finally {
    clearTimeout(timer)
  }
}
