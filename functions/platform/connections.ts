/**
 * How the app reaches what it depends on: by a connection string (locally), or by an address and the app's identity (in
 * Azure). The settings are those of the Functions host: `NAME`, or `NAME__PROPERTY` for an address.
 */
export type Connection = { connectionString: string } | { address: string }

interface Kind {
  /** The property that has the address. */
  property: string
  isAddress(text: string): boolean
  /** What a connection string must name. */
  parts: readonly RegExp[]
}

const isUrl = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? '')

const kinds = {
  CosmosConnection: {
    property: 'accountEndpoint',
    isAddress: isUrl,
    parts: [/(^|;)AccountEndpoint=https?:\/\/[^;/]/i, /(^|;)AccountKey=[^;]/i],
  },
  ServiceBusConnection: {
    property: 'fullyQualifiedNamespace',
    isAddress: (text) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(text),
    parts: [/(^|;)Endpoint=sb:\/\/[^;/]/i, /(^|;)SharedAccess(Key|Signature)=[^;]/i],
  },
  ImagesConnection: storage(),
  AzureWebJobsStorage: storage(),
} as const satisfies Record<string, Kind>

function storage(): Kind {
  return {
    property: 'blobServiceUri',
    isAddress: isUrl,
    parts: [/^UseDevelopmentStorage=true|(^|;)(AccountName|BlobEndpoint)=[^;]/i],
  }
}

/** A setting is no connection; the message says why. */
export class ConnectionError extends Error {
  override name = 'ConnectionError'
}

/**
 * The connection of that name; undefined when none of its settings is there. An address goes before a connection string.
 * @throws {ConnectionError} when what is there cannot be one.
 */
export function readConnection(env: NodeJS.ProcessEnv, name: keyof typeof kinds): Connection | undefined {
  const { property, isAddress, parts }: Kind = kinds[name]
  const address = env[`${name}__${property}`]
  if (address) {
    if (isAddress(address)) return { address }
    throw new ConnectionError(`its ${property} is no address`)
  }
  const connectionString = env[name]
  if (!connectionString) return undefined
  if (parts.every((part) => part.test(connectionString))) return { connectionString }
  throw new ConnectionError('is no connection string')
}

/** The storage account that keeps pictures: one of its own, or else the one that the Functions host uses itself. */
export function readImagesConnection(env: NodeJS.ProcessEnv): Connection | undefined {
  const own = readConnection(env, 'ImagesConnection') ?? readConnection(env, 'AzureWebJobsStorage')
  if (own) return own
  const account = env.AzureWebJobsStorage__accountName
  if (!account) return undefined
  if (/^[a-z0-9]{3,24}$/.test(account)) return { address: `https://${account}.blob.core.windows.net` }
  throw new ConnectionError('is not set, and AzureWebJobsStorage__accountName is no name of an account')
}
