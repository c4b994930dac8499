import { charges } from '../charges/charges.ts'
import { badRequest, notSupported } from '../errors.ts'
import type { Container, Part } from '../resources/container.ts'

export interface ChangeFeedRequest {
  readonly part: Part
  /** `A-IM`: which changes. */
  readonly mode: string
  /** `If-None-Match`: where the last page ended; `*`: from now on; undefined: from the beginning. */
  readonly after: string | undefined
  /** `If-Modified-Since`: from this time on. */
  readonly since: string | undefined
  readonly maxItemCount: number
}

export interface ChangeFeedPage {
  readonly documents: readonly string[]
  /** Where the next page goes on: an ETag. */
  readonly etag: string
  readonly charge: number
}

/** A page ends behind so many bytes. */
const mostBytes = 4 * 1024 * 1024

/** Each document that has changed, once, as it is now, in the order of the changes ("latest version" mode). */
export function readChangeFeed(container: Container, request: ChangeFeedRequest): ChangeFeedPage {
  if (!/^incremental feed$/i.test(request.mode)) throw notSupported(`The change feed mode "${request.mode}"`)
  const { table } = container
  const since = sinceOf(request.since)
  const { partition, holds } = container.restrictionOf(request.part)
  const documents: string[] = []
  let bytes = 0
  let end = request.after === '*' ? table.lsn : positionOf(request.after)
  if (request.after !== '*') {
    for (const stored of table.changesAfter(end)) {
      if (documents.length >= request.maxItemCount || bytes >= mostBytes) return page()
      end = stored.lsn
      if (stored.ts < since) continue
      if (partition && !startsWith(stored.partition, partition)) continue
      if (holds && !holds(JSON.parse(stored.text))) continue
      documents.push(`${stored.text.slice(0, -1)},"_lsn":${stored.lsn}}`)
      bytes += stored.size
    }
    // Also behind what has been removed since.
    end = table.lsn
  }
  return page()

  function page(): ChangeFeedPage {
    return { documents, etag: `"${end}"`, charge: charges.changes(bytes) }
  }
}

function positionOf(etag: string | undefined): number {
  if (etag === undefined || etag === '') return 0
  const position = Number(/^"?(\d+)"?$/.exec(etag)?.[1] ?? Number.NaN)
  if (Number.isSafeInteger(position)) return position
  throw badRequest(`The continuation ${etag} of a change feed is not one that this server gave.`)
}

function sinceOf(text: string | undefined): number {
  if (text === undefined) return 0
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw badRequest(`If-Modified-Since is a date, not "${text}".`)
  return Math.floor(time / 1000)
}

const startsWith = (bytes: Uint8Array, prefix: Uint8Array) =>
  Buffer.compare(bytes.subarray(0, prefix.length), prefix) === 0
