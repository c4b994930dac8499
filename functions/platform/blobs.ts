/** Blob Storage: one client a process, made on first use. */
import type { ContainerClient } from '@azure/storage-blob'
import { config } from './config.ts'
import { identity } from './identity.ts'
import { once } from './once.ts'
import { unavailable } from './problem.ts'

const service = once(async () => {
  const { BlobServiceClient } = await import('@azure/storage-blob')
  const { images } = config()
  // A caller waits: storage that is away is noticed within seconds.
  const options = { retryOptions: { maxTries: 3, tryTimeoutInMs: 5_000, retryDelayInMs: 200 } }
  return 'address' in images
    ? new BlobServiceClient(images.address, await identity(), options)
    : BlobServiceClient.fromConnectionString(images.connectionString, options)
})

/** A container of the storage account; it may not exist yet. */
export async function blobContainer(name: string): Promise<ContainerClient> {
  return (await service()).getContainerClient(name)
}

/** Status code of an error that Blob Storage answered; undefined for anything else. */
export function storageStatus(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' ? status : undefined
}

/**
 * Runs an operation on Blob Storage; whatever of it fails becomes a 503 problem.
 * @throws {ProblemError} 503 with Retry-After.
 */
export async function onStorage<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw unavailable('The storage of pictures', error)
  }
}
