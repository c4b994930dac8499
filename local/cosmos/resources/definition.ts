import { badRequest, notSupported } from '../errors.ts'
import { namesOf, pathOf } from '../query/path.ts'
import type { Index } from '../query/source.ts'
import { type IndexingPolicy, isPathIndexed, readIndexingPolicy } from './indexingPolicy.ts'
import { type PartitionKeyDefinition, readPartitionKeyDefinition } from './partitionKey.ts'

/** What a client says of a container. */
export interface ContainerDefinition {
  readonly id: string
  readonly partitionKey: PartitionKeyDefinition
  readonly indexingPolicy: IndexingPolicy
  readonly uniqueKeyPolicy: { readonly uniqueKeys: readonly { readonly paths: readonly string[] }[] }
  readonly conflictResolutionPolicy: object
  readonly geospatialConfig: object
  /** In seconds; -1: documents expire only by their own; undefined: not at all. */
  readonly defaultTtl?: number
}

const known = [
  'id',
  'partitionKey',
  'indexingPolicy',
  'uniqueKeyPolicy',
  'conflictResolutionPolicy',
  'geospatialConfig',
  'defaultTtl',
  'statistics',
]

/** Checks the definition of a container and fills in what the service fills in. @throws 400 */
export function readContainerDefinition(body: unknown): ContainerDefinition {
  const given = (body ?? {}) as Record<string, unknown>
  const id = readId(given.id)
  for (const [name, value] of Object.entries(given)) {
    const isEmpty = value === null || (typeof value === 'object' && Object.keys(value).length === 0)
    if (!known.includes(name) && !name.startsWith('_') && !isEmpty)
      throw notSupported(`The property "${name}" of a container`)
  }
  const { defaultTtl } = given
  if (defaultTtl !== undefined && defaultTtl !== null && !isDefaultTtl(defaultTtl))
    throw badRequest(
      `The input ttl '${defaultTtl}' is invalid. Ensure to provide a nonzero positive 32-bit integer or -1.`,
    )
  return {
    id,
    partitionKey: readPartitionKeyDefinition(given.partitionKey),
    indexingPolicy: readIndexingPolicy(given.indexingPolicy),
    uniqueKeyPolicy: readUniqueKeyPolicy(given.uniqueKeyPolicy),
    conflictResolutionPolicy: (given.conflictResolutionPolicy as object | undefined) ?? {
      mode: 'LastWriterWins',
      conflictResolutionPath: '/_ts',
      conflictResolutionProcedure: '',
    },
    geospatialConfig: (given.geospatialConfig as object | undefined) ?? { type: 'Geography' },
    ...(isDefaultTtl(defaultTtl) && { defaultTtl }),
  }
}

/** The name of a database or container: 1 to 255 characters that can stand in an address. */
export function readId(id: unknown): string {
  if (typeof id !== 'string' || id === '')
    throw badRequest("The input content is invalid because the required properties - 'id; ' - are missing")
  if (id.length > 255 || /[/\\?#]/.test(id) || id.endsWith(' ') || !id.isWellFormed())
    throw badRequest(
      `The input name '${id}' is invalid. Ensure to provide a unique non-empty string less than '255' characters, without '/', '\\', '?', '#' and a space at its end.`,
    )
  return id
}

/** @throws 400 for what a container keeps from its creation to its end. */
export function checkReplacement(before: ContainerDefinition, after: ContainerDefinition): void {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  if (before.id !== after.id) throw badRequest('The id of a container cannot be changed.')
  if (
    !same(before.partitionKey.paths, after.partitionKey.paths) ||
    before.partitionKey.kind !== after.partitionKey.kind
  )
    throw badRequest('Document collection partition key cannot be changed.')
  if (!same(before.uniqueKeyPolicy, after.uniqueKeyPolicy))
    throw badRequest('The unique key policy of a container cannot be changed.')
}

function readUniqueKeyPolicy(given: unknown): ContainerDefinition['uniqueKeyPolicy'] {
  const { uniqueKeys = [] } = (given ?? {}) as { uniqueKeys?: unknown }
  if (!Array.isArray(uniqueKeys)) throw badRequest('uniqueKeys is a list.')
  if (uniqueKeys.length > 10) throw badRequest('A container has at most 10 unique keys.')
  return {
    uniqueKeys: uniqueKeys.map((key: unknown) => {
      const { paths } = (key ?? {}) as { paths?: unknown }
      if (!Array.isArray(paths) || paths.length === 0 || paths.length > 16)
        throw badRequest('A unique key has 1 to 16 paths.')
      for (const path of paths)
        if (typeof path !== 'string' || !/^\/[^*?]+$/.test(path))
          throw badRequest(
            `The unique key path '${path}' is not valid: it begins with '/' and names properties.`,
          )
      return { paths: paths as string[] }
    }),
  }
}

const isDefaultTtl = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= -1 && value !== 0 && value < 2 ** 31

/** The composite indexes of a policy; named by what they are, so that a later definition finds them. */
export function compositeIndexesOf({ compositeIndexes = [] }: IndexingPolicy): Index[] {
  return compositeIndexes.map((parts) => {
    const paths = parts.map(({ path }) => pathOf(namesOf(path)))
    const orders = parts.map(({ order }) => (order === 'descending' ? ('desc' as const) : ('asc' as const)))
    return { name: paths.map((path, i) => `${path} ${orders[i]}`).join(', '), paths, orders }
  })
}

/** The paths that the policy names one by one: indexes over them are made at once, all others when first asked for. */
export function namedPathsOf(policy: IndexingPolicy): string[] {
  return policy.includedPaths
    .filter(({ path }) => path.endsWith('/?') && !path.includes('[]'))
    .map(({ path }) => pathOf(namesOf(path)))
    .filter((path) => isPathIndexed(policy, path))
}
