import type { Access } from './access/access.ts'
import { type EntraOptions, entraAccess } from './access/entra.ts'
import { Authorisation } from './http/authorisation.ts'
import { type Disturbance, Disturbances } from './http/disturbance.ts'
import { CosmosServer } from './http/server.ts'
import { Catalogue } from './resources/catalogue.ts'
import { Store, StoreError } from './storage/store.ts'
import { localCertificate, type ServerCertificate } from './tls/certificate.ts'

export type { Access, Principal, Refusal, Scope } from './access/access.ts'
export type { EntraOptions } from './access/entra.ts'
export { builtInRoles, byRoleAssignments, type RoleAssignment } from './access/roles.ts'
export type { Disturbance } from './http/disturbance.ts'
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
  /** Whose tokens of Microsoft Entra are taken, and what they may do. Default: none is taken. */
  readonly entra?: EntraOptions
  /** Decides about tokens in the place of `entra`. */
  readonly access?: Access
  /** Takes no key, as an account with `disableLocalAuth`. Default: false. */
  readonly disableLocalAuth?: boolean
  /** HTTPS, with this certificate (PEM) or with one that is made for localhost. Default: plain HTTP. */
  readonly tls?: ServerCertificate | boolean
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
  /** The certificate (PEM) that clients are to trust; undefined without `tls`. */
  readonly certificate: string | undefined
  /** Whether a database, or a container of it, is there now. */
  has(database: string, container?: string): boolean
  /** Deletes a container with all that is in it, as the control plane does. @throws where there is none */
  deleteContainer(database: string, container: string): void
  /** Has something go wrong from now on; `{}`: nothing. Clients that call themselves `local-console` are spared. */
  disturb(disturbance: Disturbance): void
  close(): Promise<void>
}

/** Starts a server in this process. Rejects when the folder cannot be used (`StoreError`) or the port is taken. */
export async function startCosmos(options: CosmosOptions = {}): Promise<Cosmos> {
  const { host = '127.0.0.1', key = emulatorKey, entra, disableLocalAuth } = options
  let endpoint = ''
  const access = options.access ?? (entra && entraAccess(entra, () => endpoint))
  const tls = options.tls === true ? await localCertificate(options.dataDir) : options.tls || undefined
  const disturbances = new Disturbances()
  const store = new Store(options.dataDir)
  let server: CosmosServer | undefined
  const close = async () => {
    await server?.close()
    store.close()
  }
  try {
    const catalogue = new Catalogue(store, options.throughput)
    server = new CosmosServer({
      disturbances,
      account: { catalogue, store },
      authorisation: new Authorisation({ key, names: catalogue, access, disableLocalAuth }),
      ...(tls && { tls }),
    })
    declare(catalogue, options.databases ?? [])
    const port = await server.listen(options.port ?? 8081, host)
    endpoint = `${tls ? 'https' : 'http'}://${host}:${port}`
    const connectionString = `AccountEndpoint=${endpoint}/;AccountKey=${key};`
    const disturb = (disturbance: Disturbance) => disturbances.set(disturbance)
    return {
      port,
      endpoint,
      connectionString,
      certificate: tls?.cert,
      has: (database, container) =>
        catalogue.databases.some(({ id }) => id === database) &&
        (container === undefined || catalogue.findContainer(database, container) !== undefined),
      deleteContainer: (database, container) =>
        store.atomically(() => catalogue.removeContainer(database, container)),
      disturb,
      close,
    }
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
    if (catalogue.isDefinedAs(database, container.id, container))
      catalogue.container(database, container.id).makeIndexes()
    else catalogue.replaceContainer(database, container.id, container)
  } catch (error) {
    throw new StoreError(
      `The container ${container.id} is kept otherwise than it is wanted: ${(error as Error).message} Begin anew with an empty folder (npm start -- --fresh, in the local cloud), or change its definition back.`,
    )
  }
}
