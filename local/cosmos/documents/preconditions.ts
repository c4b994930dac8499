import { CosmosError, preconditionFailed } from '../errors.ts'

/** The headers If-Match and If-None-Match: an ETag, or `*` for any. */
export interface Preconditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

/** A read of a version that the client has: 304, which costs a read all the same. */
export function checkRead({ ifNoneMatch }: Preconditions, etag: string, charge: number): void {
  if (ifNoneMatch === undefined || !fits(ifNoneMatch, etag)) return
  throw new CosmosError(304, 'Not modified', { headers: { etag }, charge })
}

/** A write over a version that is not the one that the client means: 412. */
export function checkWrite({ ifMatch, ifNoneMatch }: Preconditions, etag: string): void {
  if (ifMatch !== undefined && !fits(ifMatch, etag)) throw preconditionFailed()
  if (ifNoneMatch !== undefined && fits(ifNoneMatch, etag)) throw preconditionFailed()
}

const fits = (condition: string, etag: string) => condition === '*' || condition === etag
