/** Cosmos DB: one client a process, made on first use, and the few answers of it that the stores tell apart. */
import { config } from './config.ts'
import { identity } from './identity.ts'
import { once } from './once.ts'
import { unavailable } from './problem.ts'

const database = once(async () => {
  const { CosmosClient } = await import('@azure/cosmos')
  const { cosmos } = config()
  const connectionPolicy = {
    requestTimeout: 10_000,
    retryOptions: { maxRetryAttemptCount: 5, fixedRetryIntervalInMilliseconds: 0, maxWaitTimeInSeconds: 10 },
  }
  const client =
    'address' in cosmos
      ? new CosmosClient({ endpoint: cosmos.address, aadCredentials: await identity(), connectionPolicy })
      : new CosmosClient({ ...parseConnectionString(cosmos.connectionString), connectionPolicy })
  return client.database(cosmos.database)
})

/** A container of the store's database. Containers are made by the infrastructure (`infra/cosmos.json`), never here. */
export async function container(id: 'products' | 'orders' | 'secrets' | 'analytics') {
  return (await database()).container(id)
}

function parseConnectionString(text: string) {
  const parts = new Map(
    text.split(';').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  )
  return { endpoint: parts.get('AccountEndpoint') ?? '', key: parts.get('AccountKey') ?? '' }
}

/** Status code of an error that Cosmos DB answered; undefined for anything else. */
export function cosmosStatus(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'number' ? code : undefined
}

/**
 * Runs an operation on Cosmos DB; a throttled or unreachable database becomes a 503 problem.
 * @throws {ProblemError} 503 with Retry-After.
 */
export async function onCosmos<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    const status = cosmosStatus(error)
    const answered = status !== undefined && status < 500 && status !== 429 && status !== 408
    if (answered || !isDependencyFault(error)) throw error
    throw unavailable('The database', error)
  }
}

function isDependencyFault(error: unknown) {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  return (
    typeof code === 'number' ||
    (typeof code === 'string' && /^E[A-Z]+$|^REST_|TIMEOUT/i.test(code)) ||
    /Timeout|Abort|RestError|FetchError/.test(String(name))
  )
}
