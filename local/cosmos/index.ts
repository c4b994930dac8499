import { Authorisation, type TokenAuthority } from './http/authorisation.ts'
import { CosmosServer } from './http/server.ts'
import { Catalogue } from './resources/catalogue.ts'
import { Store, StoreError } from './storage/store.ts'

export type { Principal, TokenAuthority } from './http/authorisation.ts'
export { StoreError } from './storage/store.ts'

/** The key that everybody knows: the one of Microsoft's emulator. */
export const emulatorKey =
  'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=='

export interface CosmosOptions {
  /** TCP port; 0 takes a free one. Default: 8081. */
  readonly port?: number
  /** Address to listen on. Default: 127.0.0.1. */
  readonly host?: string
  /** Where the documents are kept; what was acknowledged survives the process. Default: in memory only. */
  readonly dataDir?: string
  /** The master key, in base64. Default: the emulator's. */
  readonly key?: string
  /** Decides about Microsoft Entra tokens. Default: none is taken. */
  readonly tokens?: TokenAuthority
  /** Certificate and private key (PEM) for HTTPS. Default: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Request units a second of each container; beyond them requests are told to wait. Default: without end. */
  readonly throughput?: number
  /** Databases and containers that are to be there; those that are there already are brought to these definitions. */
  readonly databases?: readonly {
    readonly id: string
    readonly containers?: readonly { readonly id: string }[]
  }[]
}

export interface Cosmos {
  readonly port: number
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly connectionString: string
  close(): Promise<void>
}

/** Starts a server in this process. Rejects when the folder cannot be used (`StoreError`) or the port is taken. */
export async function startCosmos(options: CosmosOptions = {}): Promise<Cosmos> {
  const { host = '127.0.0.1', key = emulatorKey, tls } = options
  const store = new Store(options.dataDir)
  const catalogue = new Catalogue(store, options.throughput)
  const server = new CosmosServer({
    account: { catalogue, store },
    authorisation: new Authorisation(key, options.tokens),
    ...(tls && { tls }),
  })
  const close = async () => {
    await server.close()
    store.close()
  }
  try {
    declare(catalogue, options.databases ?? [])
    const port = await server.listen(options.port ?? 8081, host)
    const endpoint = `${tls ? 'https' : 'http'}://${host}:${port}`
    return { port, endpoint, connectionString: `AccountEndpoint=${endpoint}/;AccountKey=${key};`, close }
  } catch (error) {
    await close()
    throw error
  }
}

function declare(catalogue: Catalogue, databases: NonNullable<CosmosOptions['databases']>): void {
  for (const { id, containers = [] } of databases) {
    if (!catalogue.databases.some((database) => database.id === id)) catalogue.createDatabase({ id })
    for (const container of containers) {
      if (catalogue.findContainer(id, container.id)) bring(catalogue, id, container)
      else catalogue.createContainer(id, container)
    }
  }
}

/** Brings a container to its definition. @throws StoreError where that would need other documents than the kept ones. */
function bring(catalogue: Catalogue, database: string, container: { readonly id: string }): void {
  try {
    catalogue.replaceContainer(database, container.id, container)
  } catch (error) {
    throw new StoreError(
      `The container ${container.id} is kept otherwise than it is wanted: ${(error as Error).message} Begin anew with an empty folder (npm start -- --fresh, in the local cloud), or change its definition back.`,
    )
  }
}
