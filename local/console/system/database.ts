/** What the local Cosmos DB holds, read with the SDK under a name that its faults spare. */
import type { Container, CosmosClient, Database } from '@azure/cosmos'
import { HttpError } from '../http/errors.ts'
import type { OrderDocument } from '../tally.ts'

/** Documents that are shown, that a search looks at, and orders that are counted. */
const most = { shown: 50, searched: 2_000, counted: 10_000 }

/** What is in there opens things: it is not shown. */
const secret = new Set(['secrets'])

export interface ContainerInfo {
  id: string
  /** Documents; null where they are not shown. */
  documents: number | null
}

export class DatabaseReader {
  readonly #connection: string
  readonly #name: string
  #client: Promise<CosmosClient> | undefined

  constructor(connection: string, name: string) {
    this.#connection = connection
    this.#name = name
  }

  async containers(): Promise<ContainerInfo[]> {
    const database = await this.#database()
    const { resources } = await database.containers.readAll().fetchAll()
    return Promise.all(
      resources.map(async ({ id }) => ({
        id,
        documents: secret.has(id) ? null : await count(database.container(id)),
      })),
    )
  }

  /** The documents that were changed last and hold the text; all without one. */
  async documents(id: string, search: string): Promise<{ documents: object[]; searched: number }> {
    if (secret.has(id)) throw new HttpError(403, 'What this container holds opens things: it is not shown.')
    const container = (await this.#database()).container(id)
    const query = `SELECT TOP ${search ? most.searched : most.shown} * FROM c ORDER BY c._ts DESC`
    const { resources } = await container.items.query<object>(query).fetchAll()
    const wanted = search.toLowerCase()
    const found = resources.filter((document) => JSON.stringify(document).toLowerCase().includes(wanted))
    return { documents: found.slice(0, most.shown), searched: resources.length }
  }

  /** The orders placed since then; the first ten thousand. */
  async ordersSince(since: Date): Promise<OrderDocument[]> {
    const query = {
      query: `SELECT TOP ${most.counted} c.id, c.state, c.history FROM c WHERE c.createdAt >= @since ORDER BY c.createdAt`,
      parameters: [{ name: '@since', value: since.toISOString() }],
    }
    const orders = (await this.#database()).container('orders')
    return (await orders.items.query<OrderDocument>(query).fetchAll()).resources
  }

  async #database(): Promise<Database> {
    const [, endpoint = '', key = ''] =
      /AccountEndpoint=(.+?);AccountKey=(.+?)(;|$)/.exec(this.#connection) ?? []
    if (!/^https?:\/\/(localhost|127\.0\.0\.1)[:/]/.test(endpoint))
      throw new HttpError(503, 'The app uses another database than the one of the local cloud.')
    this.#client ??= import('@azure/cosmos').then(
      ({ CosmosClient }) => new CosmosClient({ endpoint, key, userAgentSuffix: 'local-console' }),
    )
    return (await this.#client).database(this.#name)
  }
}

async function count(container: Container): Promise<number> {
  const { resources } = await container.items.query<number>('SELECT VALUE COUNT(1) FROM c').fetchAll()
  return resources[0] ?? 0
}
