/** Blob Storage: one client a process, made on first use. */
import type { ContainerClient } from '@azure/storage-blob'
import { SpanKind } from '@opentelemetry/api'
import { config } from './config.ts'
import { identity } from './identity.ts'
import { once } from './once.ts'
import { unavailable } from './problem.ts'
import { inSpan } from './telemetry/tracing.ts'

const service = once(async () => {
  const { BlobServiceClient } = await import('@azure/storage-blob')
  const { images } = config()
  // A caller waits: storage that is away is noticed within seconds.
  const options = { retryOptions: { maxTries: 3, tryTimeoutInMs: 5_000, retryDelayInMs: 200 } }
  return 'address' in images
    ? new BlobServiceClient(images.address, await identity(), options)
    : BlobServiceClient.fromConnectionString(images.connectionString, options)
})

/** Status code of an error that Blob Storage answered; undefined for anything else. */
export function storageStatus(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' ? status : undefined
}

/**
 * Runs an operation on a container of Blob Storage; whatever of it fails becomes a 503 problem.
 * @param name the operation's, as Azure's REST API has it: `put_blob`, `get_blob`.
 * @throws {ProblemError} 503 with Retry-After.
 */
export async function onStorage<T>(
  name: string,
  container: string,
  operation: (container: ContainerClient) => Promise<T>,
): Promise<T> {
  const attributes = {
    'azure.resource_provider.namespace': 'Microsoft.Storage',
    'store.blob.operation': name,
    'store.blob.container': container,
  }
  try {
    return await inSpan(`${name} ${container}`, { kind: SpanKind.CLIENT, attributes }, async () =>
      operation((await service()).getContainerClient(container)),
    )
  } catch (error) {
    throw unavailable('The storage of pictures', error)
  }
}
