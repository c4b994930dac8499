import { filterableProperties } from './amqp/codec.ts'
import { AmqpServer } from './amqp/server.ts'
import { Broker, type Store } from './broker.ts'
import { readConfig } from './config.ts'
import { memoryStore } from './storage/memory.ts'

export interface ServiceBusOptions {
  /** TCP port for AMQP; 0 takes a free one. Default: 5672. */
  readonly port?: number
  /** Address to listen on. Default: all addresses of the loopback name `localhost`. */
  readonly host?: string
  /** The entities, in the JSON format of Microsoft's emulator. Default: none. */
  readonly config?: unknown
  /** Where messages are kept; what was acknowledged survives the process. Default: they are kept in memory only. */
  readonly dataDir?: string
  /** The largest message in bytes. Default: 256 KB, as in the Standard tier. */
  readonly maxMessageSize?: number
}

export interface ServiceBus {
  readonly port: number
  /** For `ServiceBusClient` of any Azure SDK. */
  readonly connectionString: string
  /** Cuts all clients off and frees the port. */
  close(): Promise<void>
}

const key = { name: 'RootManageSharedAccessKey', key: 'SAS_KEY_VALUE' }

/** Starts a broker in this process. Rejects when the configuration is wrong (`ConfigError`) or the port is taken. */
export async function startServiceBus(options: ServiceBusOptions = {}): Promise<ServiceBus> {
  const broker = new Broker(
    readConfig(options.config),
    await openStore(options.dataDir),
    filterableProperties,
  )
  const server = new AmqpServer({ broker, key, maxMessageSize: options.maxMessageSize ?? 256 * 1024 })
  const port = await server.listen(options.port ?? 5672, options.host)
  return {
    port,
    connectionString: connectionString(port),
    async close() {
      await server.close()
      broker.close()
    },
  }
}

function connectionString(port: number): string {
  return `Endpoint=sb://localhost:${port};SharedAccessKeyName=${key.name};SharedAccessKey=${key.key};UseDevelopmentEmulator=true;`
}

/** The database is loaded only by those who want it: the start stays quick. */
async function openStore(dataDir: string | undefined): Promise<Store> {
  if (dataDir === undefined) return memoryStore()
  const { sqliteStore } = await import('./storage/sqlite.ts')
  return sqliteStore(dataDir)
}
