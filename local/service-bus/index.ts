import { isBuiltin } from 'node:module'
import { type Access, anyOf } from './access.ts'
import { AdminServer } from './admin/server.ts'
import { amqpFormat } from './amqp/properties.ts'
import { AmqpServer } from './amqp/server.ts'
import { Broker, type Store } from './broker.ts'
import { readConfig } from './config.ts'
import { countsOf, type MessageCounts } from './engine/counts.ts'
import type { NamespaceDescription } from './engine/description.ts'
import { type EntraOptions, entraAccess } from './entra.ts'
import { type SharedAccessKey, sharedAccess } from './sharedAccess.ts'
import { memoryStore } from './storage/memory.ts'
import { localCertificate, type ServerCertificate } from './tls/certificate.ts'

export type { Access, Principal, Refusal, Right } from './access.ts'
export { ConfigError } from './config.ts'
export type { MessageCounts } from './engine/counts.ts'
export type { EntraOptions } from './entra.ts'
export type { SharedAccessKey } from './sharedAccess.ts'
export type { ServerCertificate } from './tls/certificate.ts'

export interface ServiceBusOptions {
  /** TCP port for AMQP; 0 takes a free one. Default: 5672. */
  readonly port?: number
  /** TCP port for the administration API over HTTP; 0 takes a free one. Default: there is none. */
  readonly adminPort?: number
  /** Address to listen on. Default: both loopback addresses. */
  readonly host?: string
  /** The entities, in the JSON format of Microsoft's emulator: an object, or its text. Default: none. */
  readonly config?: unknown
  /** Serve this namespace of the configuration alone. Default: all, as one. */
  readonly namespace?: string
  /** Where messages are kept; what was acknowledged survives the process. Default: they are kept in memory only. */
  readonly dataDir?: string
  /**
   * A certificate, or true to have one made for localhost: the AMQP port then takes TLS beside plain TCP, the
   * administration port HTTPS beside HTTP.
   */
  readonly tls?: ServerCertificate | boolean
  /** Further shared access keys, each with the rights that it grants. */
  readonly keys?: readonly SharedAccessKey[]
  /** Take tokens of Microsoft Entra, or of who plays it, beside shared access signatures. */
  readonly entra?: EntraOptions
  /** Decides in the place of keys and `entra` who may do what. */
  readonly access?: Access
  /** Sets the sizes: `Premium` takes messages of 100 MB where an entity does not say, `Standard` (the default) 256 KB. */
  readonly tier?: 'Premium' | 'Standard'
  /** Takes a line when the broker listens, a connection opens or closes, or something is refused. Default: nobody is told. */
  readonly log?: (line: string) => void
  /** The largest message in bytes. Default: what the tier says. */
  readonly maxMessageSize?: number
}

/** Faults that can be tried on the running broker. */
export interface Disturbance {
  /** Each message that is sent comes in twice, as if its sender had not heard that it was taken. */
  readonly doubled?: boolean
}

export interface ServiceBus {
  readonly port: number
  /** For `ServiceBusClient` of any Azure SDK. */
  readonly connectionString: string
  readonly adminPort: number | undefined
  /** For `ServiceBusAdministrationClient`; undefined without `adminPort`. */
  readonly adminConnectionString: string | undefined
  /** The certificate (PEM) that clients are to trust; undefined without `tls`. */
  readonly certificate: string | undefined
  /** How many messages a queue, topic or subscription (`topic/Subscriptions/name`) holds; undefined: no such entity. */
  counts(path: string): MessageCounts | undefined
  /** Has something go wrong from now on; `{}`: nothing. */
  disturb(disturbance: Disturbance): void
  /** Everything out: all messages go, and the entities are again what the configuration declares. */
  reset(): void
  /** Cuts all clients off and frees the ports. */
  close(): Promise<void>
}

/** What Microsoft's emulator takes. */
const key = { name: 'RootManageSharedAccessKey', key: 'SAS_KEY_VALUE' }
const messageSizes = { Premium: 100 * 1024 * 1024, Standard: 256 * 1024 } as const

/** Starts a broker in this process. Rejects when the configuration is wrong (`ConfigError`) or a port is taken. */
export async function startServiceBus(options: ServiceBusOptions = {}): Promise<ServiceBus> {
  const description = readConfig(options.config, { namespace: options.namespace })
  const maxMessageSize = options.maxMessageSize ?? messageSizes[options.tier ?? 'Standard']
  const certificate = await certificateOf(options)
  const access = options.access ?? accessOf(options)
  const broker = openBroker(description, await openStore(options.dataDir))
  const server = new AmqpServer({ broker, access, maxMessageSize, certificate, log: options.log })
  const admin = new AdminServer({ broker, access, maxMessageSize, certificate })
  const close = async () => {
    await Promise.all([server.close(), admin.close()])
    broker.close()
  }
  try {
    const port = await server.listen(options.port ?? 5672, options.host)
    const adminPort =
      options.adminPort === undefined ? undefined : await admin.listen(options.adminPort, options.host)
    options.log?.(
      `listening: AMQP on port ${port}${adminPort === undefined ? '' : `, administration on port ${adminPort}`}`,
    )
    return {
      port,
      connectionString: connectionString(port),
      adminPort,
      adminConnectionString: adminPort === undefined ? undefined : connectionString(adminPort),
      certificate: certificate?.cert,
      counts(path) {
        const entity = broker.namespace.find(path)
        return entity && countsOf(entity)
      },
      disturb({ doubled = false }) {
        broker.isDoubling = doubled
      },
      reset: () => broker.reset(),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** What is declared may not fit what is kept; then somebody else may have the store. */
function openBroker(description: NamespaceDescription, store: Store): Broker {
  try {
    return new Broker(description, store, amqpFormat)
  } catch (error) {
    store.close()
    throw error
  }
}

function connectionString(port: number): string {
  return `Endpoint=sb://localhost:${port};SharedAccessKeyName=${key.name};SharedAccessKey=${key.key};UseDevelopmentEmulator=true;`
}

function accessOf({ keys = [], entra }: ServiceBusOptions): Access {
  const signatures = sharedAccess([key, ...keys])
  return entra === undefined ? signatures : anyOf([entraAccess(entra), signatures])
}

async function certificateOf({ tls, dataDir }: ServiceBusOptions): Promise<ServerCertificate | undefined> {
  return tls === true ? localCertificate(dataDir) : tls || undefined
}

/** The database is loaded only by those who want it: the start stays quick. */
async function openStore(dataDir: string | undefined): Promise<Store> {
  if (dataDir === undefined) return memoryStore()
  if (!isBuiltin('node:sqlite')) {
    throw new Error(
      `Node.js ${process.version} has no node:sqlite: with a data directory, use Node.js 22.13 or later.`,
    )
  }
  const { sqliteStore } = await import('./storage/sqlite.ts')
  return sqliteStore(dataDir)
}
