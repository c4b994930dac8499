import { badRequest } from '../errors.ts'
import type { Document, Json } from '../query/source.ts'

/** "Azure Cosmos DB service quotas and default limits": nesting of a document, and the length of its id in bytes. */
const limits = { nesting: 128, id: 1023 }

/** The properties that the service sets; what a client sends in their place is not kept. */
const systemProperties = ['_rid', '_self', '_etag', '_attachments', '_ts', '_lsn']

/** What a client sends as a document, checked, without the system properties. @throws 400 */
export function readDocument(body: unknown): Document & { readonly id: string } {
  if (!isObject(body)) throw badRequest('A document is a JSON object.')
  const { id, ttl } = body
  if (id === undefined || id === null || id === '')
    throw badRequest("The input content is invalid because the required properties - 'id; ' - are missing")
  if (typeof id !== 'string') throw badRequest(`The id of a document is a string, not ${JSON.stringify(id)}.`)
  checkId(id)
  if (ttl !== undefined && ttl !== null && !isTtl(ttl))
    throw badRequest(
      `The input ttl '${JSON.stringify(ttl)}' is invalid. Ensure to provide a nonzero positive 32-bit integer or -1.`,
    )
  checkValues(body)
  const document = { ...body } as Record<string, Json>
  for (const name of systemProperties) delete document[name]
  return document as Document & { id: string }
}

/** An id stands in addresses: `/`, `\`, `?` and `#` cannot be part of it. */
function checkId(id: string): void {
  if (/[/\\?#]/.test(id))
    throw badRequest(`The id '${id}' contains a character that is not allowed: '/', '\\', '?' or '#'.`)
  // Half a character cannot stand in an address either, and all of them would be one in UTF-8.
  if (!id.isWellFormed()) throw badRequest(`The id ${JSON.stringify(id)} is no text of Unicode.`)
  if (Buffer.byteLength(id) > limits.id) throw badRequest(`The id is longer than ${limits.id} bytes.`)
}

export const isTtl = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= -1 && value !== 0 && value < 2 ** 31

/** Not by recursion: what comes from outside may be nested a million times. */
function checkValues(root: Json): void {
  let level: Json[] = [root]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.nesting)
      throw badRequest(`The document is nested more than ${limits.nesting} levels deep.`)
    const next: Json[] = []
    for (const value of level) {
      if (typeof value === 'number' && !Number.isFinite(value))
        throw badRequest('The document contains a number that is too large for a double.')
      if (typeof value === 'object' && value !== null)
        for (const child of Object.values(value)) next.push(child)
    }
    level = next
  }
}

export const isObject = (value: unknown): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
