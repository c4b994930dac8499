/** Service Bus connections of bindings: a connection string, or an address and the identity of the developer. */
import type { ServiceBusClient } from '@azure/service-bus'
import { HostStartError } from '../errors.ts'
import type { Settings } from '../settings.ts'

/** Clients, one for each connection that the app's bindings name, opened when first asked for. */
export interface ServiceBusClients {
  open(connection: string): Promise<ServiceBusClient>
  /** Checks that a connection's settings exist and look right. @throws {HostStartError} naming the setting. */
  check(connection: string, functionName: string): void
  close(): Promise<void>
}

export function createServiceBusClients(settings: Settings): ServiceBusClients {
  const clients = new Map<string, Promise<ServiceBusClient>>()

  async function connect(name: string): Promise<ServiceBusClient> {
    const { ServiceBusClient } = await import('@azure/service-bus')
    // A broker that was restarted is found again within half a second; the SDK's default would wait for thirty.
    const options = { retryOptions: { retryDelayInMs: 500, maxRetryDelayInMs: 5_000 } }
    const connectionString = connectionStringOf(name, settings)
    if (connectionString) return new ServiceBusClient(connectionString, options)
    const namespace = settings[`${name}__fullyQualifiedNamespace`] ?? ''
    const { ClientSecretCredential, DefaultAzureCredential } = await import('@azure/identity')
    const [tenant, client, secret] = ['tenantId', 'clientId', 'clientSecret'].map(
      (part) => settings[`${name}__${part}`],
    )
    const credential =
      tenant && client && secret
        ? new ClientSecretCredential(tenant, client, secret)
        : new DefaultAzureCredential(client ? { managedIdentityClientId: client } : {})
    return new ServiceBusClient(namespace, credential, options)
  }

  return {
    open(name) {
      const known = clients.get(name) ?? connect(name)
      clients.set(name, known)
      return known
    },
    check(name, functionName) {
      const connectionString = connectionStringOf(name, settings)
      if (connectionString) return checkConnectionString(connectionString, name, functionName)
      if (settings[`${name}__fullyQualifiedNamespace`]) return
      throw new HostStartError(
        `Function "${functionName}" needs the setting "${name}" (a Service Bus connection string) or "${name}__fullyQualifiedNamespace"; neither exists.`,
      )
    },
    async close() {
      // A client that could not be made has been complained about where it was wanted.
      await Promise.allSettled([...clients.values()].map(async (client) => (await client).close()))
    },
  }
}

function connectionStringOf(name: string, settings: Settings): string | undefined {
  return (
    settings[name] || settings[`ConnectionStrings:${name}`] || settings[`AzureWebJobs${name}`] || undefined
  )
}

/** What the SDK would refuse, said with the name of the setting and before anything has started. */
function checkConnectionString(text: string, name: string, functionName: string): void {
  const has = (key: string, value: string) => new RegExp(`(?:^|;)${key}=${value}`).test(text)
  if (
    has('Endpoint', '[a-z]+://[^/;]') &&
    has('SharedAccessKeyName', '[^;]') &&
    has('SharedAccessKey', '[^;]')
  )
    return
  throw new HostStartError(
    `Function "${functionName}": the setting "${name}" is no Service Bus connection string; write it like "Endpoint=sb://NAME.servicebus.windows.net/;SharedAccessKeyName=…;SharedAccessKey=…".`,
  )
}
