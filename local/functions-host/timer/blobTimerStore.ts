/**
 * Timer state in the app's storage account, in the places where the real host keeps it: a status blob for each
 * monitored timer, and a lock blob whose lease only one instance of the app can hold.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerClient } from '@azure/storage-blob'
import { describe } from '../invoke.ts'
import type { Logger } from '../log.ts'
import type { Settings } from '../settings.ts'
import type { ScheduleStatus, TimerStore } from './timerTrigger.ts'

const container = 'azure-webjobs-hosts'

/** Seconds. Short, so that after a crash the timers of the next start need not wait long. */
const leaseDuration = 15

/** Milliseconds between renewals, and between attempts to get a lease that another instance holds. */
const renewEvery = 5_000
const tryEvery = 2_000

/** The store in `AzureWebJobsStorage`; undefined, with a warning, where that is not set. */
export function openTimerStore(settings: Settings, hostId: string, logger: Logger): TimerStore | undefined {
  const connection = settings.AzureWebJobsStorage
  const serviceUri =
    settings.AzureWebJobsStorage__blobServiceUri ??
    (settings.AzureWebJobsStorage__accountName &&
      `https://${settings.AzureWebJobsStorage__accountName}.blob.core.windows.net`)
  if (!connection && !serviceUri) {
    const lost = 'timers keep no status and every instance of the app runs them'
    logger.write('warning', 'Host.Triggers.Timer', `The setting AzureWebJobsStorage is missing: ${lost}.`)
    return undefined
  }

  let opened: Promise<ContainerClient> | undefined
  const open = () => {
    opened ??= connect().catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
  async function connect(): Promise<ContainerClient> {
    const { BlobServiceClient } = await import('@azure/storage-blob')
    const options = { retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 } }
    let service: InstanceType<typeof BlobServiceClient> | undefined
    try {
      service = connection ? BlobServiceClient.fromConnectionString(connection, options) : undefined
    } catch (error) {
      throw new Error(`the setting AzureWebJobsStorage is no connection string (${describe(error)})`)
    }
    if (!service) {
      const { DefaultAzureCredential } = await import('@azure/identity')
      const clientId = settings.AzureWebJobsStorage__clientId
      const credential = new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {})
      service = new BlobServiceClient(serviceUri ?? '', credential, options)
    }
    const client = service.getContainerClient(container)
    await client.createIfNotExists()
    return client
  }

  return {
    async hold(timer, signal) {
      let waited = false
      while (!signal.aborted) {
        try {
          const blob = (await open()).getBlockBlobClient(`locks/${hostId}/Host.Functions.${timer}.Listener`)
          await blob.uploadData(Buffer.alloc(0), { conditions: { ifNoneMatch: '*' } }).catch(unless(409, 412))
          const lease = blob.getBlobLeaseClient()
          await lease.acquireLease(leaseDuration)
          const renewal = setInterval(() => {
            lease.renewLease().catch(async (error) => {
              logger.write(
                'warning',
                'Host.Triggers.Timer',
                `The lock of timer ${timer} was lost: ${describe(error)}`,
              )
              await lease.acquireLease(leaseDuration).catch(() => {})
            })
          }, renewEvery)
          renewal.unref()
          return async () => {
            clearInterval(renewal)
            await lease.releaseLease().catch(() => {})
          }
        } catch (error) {
          if (!waited) {
            const held = (error as { statusCode?: number }).statusCode === 409
            const reason = held ? 'another instance of the app runs it' : (error as Error).message
            logger.write(
              held ? 'information' : 'warning',
              'Host.Triggers.Timer',
              `Timer ${timer} waits: ${reason}`,
            )
            waited = true
          }
          await delay(tryEvery, undefined, { signal }).catch(() => {})
        }
      }
      return undefined
    },

    async read(timer) {
      const blob = (await open()).getBlockBlobClient(statusBlob(hostId, timer))
      try {
        return parseStatus((await blob.downloadToBuffer()).toString())
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode === 404) return undefined
        throw error
      }
    },

    async write(timer, { last, next, lastUpdated }) {
      const blob = (await open()).getBlockBlobClient(statusBlob(hostId, timer))
      const text = JSON.stringify({ Last: last, Next: next, LastUpdated: lastUpdated })
      await blob.upload(text, Buffer.byteLength(text))
    },
  }
}

function statusBlob(hostId: string, timer: string): string {
  return `timers/${hostId}/Host.Functions.${timer}/status`
}

/** Undefined for what is no status: as good as none. */
function parseStatus(text: string): ScheduleStatus | undefined {
  let kept: Record<string, string>
  try {
    kept = JSON.parse(text)
  } catch {
    return undefined
  }
  const { Last, Next, LastUpdated } = kept
  const status = {
    last: new Date(Last ?? ''),
    next: new Date(Next ?? ''),
    lastUpdated: new Date(LastUpdated ?? ''),
  }
  return Object.values(status).some((date) => Number.isNaN(date.getTime())) ? undefined : status
}

/** A rejection handler that passes over answers of these statuses. */
function unless(...statuses: number[]): (error: { statusCode?: number }) => void {
  return (error) => {
    if (!statuses.includes(error.statusCode ?? 0)) throw error
  }
}
