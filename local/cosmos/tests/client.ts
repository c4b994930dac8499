import { createHmac } from 'node:crypto'
import { type Container, type ContainerRequest, CosmosClient, type Database } from '@azure/cosmos'
import { afterAll, beforeAll } from 'vitest'
import { type Cosmos, type CosmosOptions, emulatorKey, startCosmos } from '../index.ts'

/** A server in memory with the unmodified SDK before it, for the tests of one file. */
export function serve(options: CosmosOptions = {}) {
  const served = {} as { cosmos: Cosmos; client: CosmosClient; database: Database }
  let containers = 0
  beforeAll(async () => {
    served.cosmos = await startCosmos({ port: 0, ...options })
    served.client = new CosmosClient({ endpoint: served.cosmos.endpoint, key: options.key ?? emulatorKey })
    served.database = (await served.client.databases.create({ id: 'tests' })).database
  })
  afterAll(async () => {
    served.client.dispose()
    await served.cosmos.close()
  })
  return {
    get cosmos() {
      return served.cosmos
    },
    get client() {
      return served.client
    },
    get database() {
      return served.database
    },
    /** A new container, with the partition key `/pk` if none is given. */
    async container(definition: Partial<ContainerRequest> = {}): Promise<Container> {
      const id = `container-${++containers}`
      return (await served.database.containers.create({ id, partitionKey: '/pk', ...definition })).container
    },
  }
}

/** The status, and the substatus if there is one, with which an operation is refused; of one that is not, its own. */
export async function statusOf(operation: Promise<{ statusCode?: number; code?: number }>): Promise<number> {
  try {
    const { statusCode, code } = await operation
    return statusCode ?? code ?? 0
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (typeof code === 'number') return code
    throw error
  }
}

/** The error that an operation is refused with. */
export async function refusalOf(
  operation: Promise<unknown>,
): Promise<{ code: number; message: string; substatus?: number; headers: Record<string, string> }> {
  try {
    await operation
  } catch (error) {
    return error as Awaited<ReturnType<typeof refusalOf>>
  }
  throw new Error('It was not refused.')
}

/** A request as an SDK would sign it, for what no SDK sends. */
export function send(
  { endpoint }: Cosmos,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Response> {
  return fetch(`${endpoint}/${path}`, {
    method,
    headers: { ...signed(method, path), ...headers },
    ...(body !== undefined && { body }),
  })
}

/** The headers by which a request proves that it knows the key. */
export function signed(method: string, path: string): Record<string, string> {
  const segments = path.split('/')
  const isList = segments.length % 2 === 1
  const type = segments.at(isList ? -1 : -2)
  const link = isList ? segments.slice(0, -1).join('/') : path
  const date = new Date().toUTCString()
  const text = `${method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`
  const signature = createHmac('sha256', Buffer.from(emulatorKey, 'base64')).update(text).digest('base64')
  return { authorization: encodeURIComponent(`type=master&ver=1.0&sig=${signature}`), 'x-ms-date': date }
}
