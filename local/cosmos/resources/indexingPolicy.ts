import { badRequest, notSupported } from '../errors.ts'
import { namesOf } from '../query/path.ts'

export interface IndexingPolicy {
  readonly indexingMode: 'consistent' | 'none'
  readonly automatic: boolean
  readonly includedPaths: readonly { readonly path: string }[]
  readonly excludedPaths: readonly { readonly path: string }[]
  readonly compositeIndexes?: readonly (readonly CompositePath[])[]
  readonly spatialIndexes?: readonly unknown[]
}

export interface CompositePath {
  readonly path: string
  readonly order: 'ascending' | 'descending'
}

const etagPath = '/"_etag"/?'
const known = [
  'indexingMode',
  'automatic',
  'includedPaths',
  'excludedPaths',
  'compositeIndexes',
  'spatialIndexes',
]

/** Checks a policy and fills in what the service fills in. Undefined: the policy of a container that names none. */
export function readIndexingPolicy(given: unknown): IndexingPolicy {
  const policy = (given ?? {}) as Record<string, unknown>
  if (typeof policy !== 'object' || Array.isArray(policy))
    throw badRequest('The indexing policy is an object.')
  for (const [name, value] of Object.entries(policy)) {
    if (known.includes(name) || (Array.isArray(value) && value.length === 0)) continue
    throw notSupported(`The property "${name}" of an indexing policy`)
  }
  const mode = String(policy.indexingMode ?? 'consistent').toLowerCase()
  if (mode === 'lazy')
    throw badRequest('The indexing mode "lazy" is not for new containers: use "consistent".')
  if (mode !== 'consistent' && mode !== 'none')
    throw badRequest(`The indexing mode is "consistent" or "none", not "${policy.indexingMode}".`)
  if (mode === 'none') {
    if (policy.automatic === true && given)
      throw badRequest('The indexing mode "none" is only possible with automatic indexing turned off.')
    return { indexingMode: 'none', automatic: false, includedPaths: [], excludedPaths: [] }
  }
  if (policy.automatic === false)
    throw notSupported('An indexing policy that leaves the choice to each document ("automatic": false)')
  const includedPaths = readPaths(policy.includedPaths, 'includedPaths')
  const excludedPaths = readPaths(policy.excludedPaths, 'excludedPaths')
  if (!includedPaths.length && !excludedPaths.length) includedPaths.push({ path: '/*' })
  if (![...includedPaths, ...excludedPaths].some(isRoot))
    throw badRequest(
      'The special mandatory indexing path "/" is not provided in any of the path type sets. Please provide this path in one of the sets.',
    )
  if (includedPaths.some(isRoot) && excludedPaths.some(isRoot))
    throw badRequest('The path "/*" is both included and excluded.')
  if (!excludedPaths.some(({ path }) => path === etagPath)) excludedPaths.push({ path: etagPath })
  const compositeIndexes = readComposites(policy.compositeIndexes)
  return {
    indexingMode: 'consistent',
    automatic: true,
    includedPaths,
    excludedPaths,
    ...(compositeIndexes.length && { compositeIndexes }),
    ...(Array.isArray(policy.spatialIndexes) && { spatialIndexes: policy.spatialIndexes }),
  }
}

function readPaths(given: unknown, where: string): { path: string }[] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given)) throw badRequest(`${where} is a list.`)
  return given.map((entry: unknown) => {
    const path = (entry as { path?: unknown } | null)?.path
    if (typeof path !== 'string' || !/^\/(.*\/)?[?*]$|^\/$/.test(path))
      throw badRequest(
        `The indexing path '${path}' could not be accepted: it begins with '/' and ends with '/?' or '/*'.`,
      )
    return { path }
  })
}

function readComposites(given: unknown): CompositePath[][] {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given) || !given.every(Array.isArray))
    throw badRequest('compositeIndexes is a list of lists.')
  return given.map((index: unknown[]) => {
    if (index.length < 2 || index.length > 8) throw badRequest('A composite index has 2 to 8 paths.')
    return index.map((entry) => {
      const { path, order = 'ascending' } = (entry ?? {}) as { path?: unknown; order?: unknown }
      if (typeof path !== 'string' || !/^\/[^*?]+$/.test(path))
        throw badRequest(`The composite path '${path}' is not valid: it has no '/?' and no '/*' at its end.`)
      if (order !== 'ascending' && order !== 'descending')
        throw badRequest(`The order of a composite path is "ascending" or "descending", not "${order}".`)
      return { path, order }
    })
  })
}

/** Whether the values at a path can be looked up and sorted by. The most precise path of the policy decides. */
export function isPathIndexed(policy: IndexingPolicy, path: string): boolean {
  if (policy.indexingMode === 'none') return false
  if (path === '/id' || path === '/_ts') return true
  const names = namesOf(path)
  const precision = (paths: readonly { path: string }[]) =>
    paths.reduce((best, entry) => Math.max(best, precisionOf(entry.path, names)), -1)
  return precision(policy.includedPaths) > precision(policy.excludedPaths)
}

const isRoot = ({ path }: { path: string }) => path === '/*' || path === '/'

/** How precisely a path of a policy fits: -1 not at all, else twice its depth, and one more where it is exact. */
function precisionOf(pattern: string, names: readonly string[]): number {
  const own = pattern === '/' ? [] : namesOf(pattern)
  const isExact = pattern.endsWith('/?')
  if (isExact ? own.length !== names.length : own.length > names.length) return -1
  return own.every((name, i) => name === names[i]) ? own.length * 2 + (isExact ? 1 : 0) : -1
}
