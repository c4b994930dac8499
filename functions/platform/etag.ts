/**
 * Entity tags as HTTP writes them (RFC 9110, 8.8.3). Cosmos DB's own `_etag` is quoted by the service and bare from the
 * local server; a tag that leaves the app is always quoted.
 */

import { answerShape } from '@store/contract'

/**
 * The tag of a document for the `ETag` header. It names the shape of the answer, too: a release that answers the same
 * document in another shape answers another thing.
 */
export const entityTag = (etag: string): string => {
  const [, weak = '', opaque] = /^(W\/)?"(.*)"$/.exec(etag) ?? [undefined, '', etag]
  return `${weak}"${opaque}.${answerShape}"`
}

/** Whether `If-None-Match` names the tag: compared weakly, so `W/"a"` is `"a"`. */
export const matchesWeakly = (header: string | null, tag: string): boolean =>
  matches(header, (known) => opaque(known) === opaque(tag))

/** Whether `If-Match` names the tag: compared strongly, so a weak tag matches nothing. */
export const matchesStrongly = (header: string | null, tag: string): boolean =>
  matches(header, (known) => known === tag && !known.startsWith('W/'))

function matches(header: string | null, same: (known: string) => boolean): boolean {
  if (header?.trim() === '*') return true
  return (header?.match(/(?:W\/)?"[^"]*"/g) ?? []).some(same)
}

const opaque = (tag: string) => tag.replace(/^W\//, '')
