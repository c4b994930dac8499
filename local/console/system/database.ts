/** What the local Cosmos DB holds, read with the SDK under a name that its faults spare. */
import type { Container, CosmosClient, Database } from '@azure/cosmos'
import { answerOf, HttpError } from '../http/errors.ts'
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

/** All of it answers with 503 while the database does not. */
export class DatabaseReader {
  readonly #connection: string
  readonly #name: string
  #client: Promise<CosmosClient> | undefined

  constructor(connection: string, name: string) {
    this.#connection = connection
    this.#name = name
  }

  containers(): Promise<ContainerInfo[]> {
    return this.#ask(async (database) =>
      Promise.all(
        (await idsOf(database)).map(async (id) => ({
          id,
          documents: secret.has(id) ? null : await count(database.container(id)),
        })),
      ),
    )
  }

  /**
   * The documents that were changed last and hold the text; all without one.
   * @throws {HttpError} 403, 404.
   */
  documents(id: string, search: string): Promise<{ documents: object[]; searched: number }> {
    return this.#ask(async (database) => {
      if (secret.has(id)) throw new HttpError(403, 'What this container holds opens things: it is not shown.')
      // By its whole name: the SDK would take `secrets/` for the container `secrets`.
      if (!(await idsOf(database)).includes(id)) throw new HttpError(404, `There is no container "${id}".`)
      const query = `SELECT TOP ${search ? most.searched : most.shown} * FROM c ORDER BY c._ts DESC`
      const { resources } = await database.container(id).items.query<object>(query).fetchAll()
      const wanted = search.toLowerCase()
      const found = resources.filter((document) => JSON.stringify(document).toLowerCase().includes(wanted))
      return { documents: found.slice(0, most.shown), searched: resources.length }
    })
  }

  /** The orders placed since then. @throws {HttpError} 409 when there are too many to count. */
  async ordersSince(since: Date): Promise<OrderDocument[]> {
    const query = {
      query: `SELECT TOP ${most.counted + 1} c.id, c.customerId, c.createdAt, c.state, c.history FROM c WHERE c.createdAt >= @since ORDER BY c.createdAt`,
      parameters: [{ name: '@since', value: since.toISOString() }],
    }
    const orders = await this.#ask((database) =>
      database.container('orders').items.query<OrderDocument>(query).fetchAll(),
    )
    if (orders.resources.length > most.counted)
      throw new HttpError(409, `More than ${most.counted} orders were placed since then: count from now.`)
    return orders.resources
  }

  #ask<T>(question: (database: Database) => Promise<T>): Promise<T> {
    return answerOf('The local Cosmos DB', this.#database().then(question))
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

async function idsOf(database: Database): Promise<string[]> {
  return (await database.containers.readAll().fetchAll()).resources.map(({ id }) => id)
}

async function count(container: Container): Promise<number> {
  const { resources } = await container.items.query<number>('SELECT VALUE COUNT(1) FROM c').fetchAll()
  return resources[0] ?? 0
}
