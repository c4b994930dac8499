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
export function matchesWeakly(header: string | null, tag: string): boolean {
  if (header?.trim() === '*') return true
  return (header?.match(/(?:W\/)?"[^"]*"/g) ?? []).some((known) => opaque(known) === opaque(tag))
}

const opaque = (tag: string) => tag.replace(/^W\//, '')
