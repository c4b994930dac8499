import { badRequest } from '../errors.ts'
import { encodeKey } from '../query/encodeKey.ts'
import { namesOf, valueAt } from '../query/path.ts'
import type { Document, Json } from '../query/source.ts'

export interface PartitionKeyDefinition {
  readonly paths: readonly string[]
  readonly kind: 'Hash' | 'MultiHash'
  readonly version: number
  /** The container was made without a key of its own. */
  readonly systemKey?: boolean
}

/** The values of a key, outermost first; undefined where a document lacks the path. */
export type PartitionKey = readonly (Json | undefined)[]

/** In bytes, with the large keys of version 2. */
const longest = 2048

/** Checks the definition of a new container and fills in what may be left out. */
export function readPartitionKeyDefinition(given: unknown): PartitionKeyDefinition {
  if (typeof given !== 'object' || given === null)
    throw badRequest('The partition key definition is missing.')
  const { paths, kind = 'Hash', version = 2, systemKey } = given as Record<string, unknown>
  if (kind !== 'Hash' && kind !== 'MultiHash')
    throw badRequest(`The kind of a partition key is Hash or MultiHash, not "${kind}".`)
  if (version !== 1 && version !== 2) throw badRequest('The version of a partition key is 1 or 2.')
  const most = kind === 'Hash' ? 1 : 3
  if (!Array.isArray(paths) || paths.length === 0 || paths.length > most)
    throw badRequest(`A partition key of kind ${kind} has 1${most > 1 ? ` to ${most}` : ''} path.`)
  if (kind === 'MultiHash' && version !== 2) throw badRequest('A hierarchical partition key has version 2.')
  for (const path of paths)
    if (typeof path !== 'string' || !/^(\/("(?:[^"\\]|\\.)+"|[^/"*?[\]]+))+$/.test(path))
      throw badRequest(
        `The partition key path '${path}' is not valid: it begins with '/' and names properties.`,
      )
  if (new Set(paths).size !== paths.length) throw badRequest('A partition key names each path once.')
  return { paths, kind, version, ...(systemKey === true && { systemKey }) }
}

/** The key of a document. @throws 400 for an array or object in its place. */
export function partitionKeyOf(document: Document, { paths }: PartitionKeyDefinition): PartitionKey {
  const values = paths.map((path) => valueAt(document, namesOf(path)))
  for (const value of values) {
    if (typeof value === 'object' && value !== null)
      throw badRequest('A partition key is a string, a number, a boolean or null.')
    if (typeof value === 'string' && Buffer.byteLength(value) > longest)
      throw badRequest(`Partition key values are not larger than ${longest} bytes.`)
  }
  return values
}

/** Reads the header `x-ms-documentdb-partitionkey` (or what a batch writes like it); `{}` stands for "not there". */
export function parsePartitionKey(text: string, { paths }: PartitionKeyDefinition): PartitionKey {
  let values: unknown
  try {
    values = JSON.parse(text)
  } catch {
    values = undefined
  }
  if (!Array.isArray(values) || values.length > paths.length)
    throw badRequest(`Partition key ${text} is invalid: it is an array of at most ${paths.length} values.`)
  if (values.length === 0) return paths.map(() => undefined)
  return values.map((value: unknown) => {
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Json
    if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value as object).length === 0)
      return undefined
    throw badRequest(`Partition key ${text} is invalid: a value is a string, a number, a boolean or null.`)
  })
}

/** The same key as bytes: one key is the beginning of another exactly if its values are. */
export const encodePartitionKey = (key: PartitionKey): Uint8Array => encodeKey(key)
