import { type Document, type Json, namesOf, valueAt } from '../query/index.ts'
import type { IndexingPolicy } from './indexingPolicy.ts'

/** What every document has, and no write is charged for. */
const own = new Set(['id', '_rid', '_self', '_etag', '_attachments', '_ts'])

/** What a policy says of one property, and of what is within it; undefined: nothing, what is around it decides. */
interface Node {
  exact?: boolean
  within?: boolean
  readonly children: Map<string, Node>
}

/**
 * Counts the index entries that a policy makes of a document: one for each value at an indexed path, and one for each
 * composite index. It is the policy that writes are charged by, whatever indexes this server has made so far.
 */
export function indexEntryCounter(policy: IndexingPolicy): (document: Document) => number {
  if (policy.indexingMode === 'none') return () => 0
  const root: Node = { children: new Map() }
  for (const { path } of policy.includedPaths) mark(root, path, true)
  // Of two that are as precise, the excluded path counts.
  for (const { path } of policy.excludedPaths) mark(root, path, false)
  const composites = (policy.compositeIndexes ?? []).map((index) => index.map(({ path }) => namesOf(path)))
  return (document) => {
    let count = 0
    for (const [name, value] of Object.entries(document))
      if (!own.has(name)) count += countValues(value, root.children.get(name), root.within === true)
    for (const paths of composites) if (paths.some((names) => valueAt(document, names) !== undefined)) count++
    return count
  }
}

function mark(root: Node, path: string, included: boolean): void {
  let node = root
  for (const name of path === '/' ? [] : namesOf(path)) {
    const child: Node = node.children.get(name) ?? { children: new Map() }
    node.children.set(name, child)
    node = child
  }
  if (path.endsWith('?')) node.exact = included
  else node.within = included
}

/** `around`: what is said of the values that nothing more precise is said of. */
function countValues(value: Json, node: Node | undefined, around: boolean): number {
  const within = node?.within ?? around
  if (typeof value !== 'object' || value === null) return (node?.exact ?? within) ? 1 : 0
  if (!within && !node?.children.size) return 0
  let count = 0
  if (Array.isArray(value)) {
    const child = node?.children.get('[]')
    for (const entry of value) count += countValues(entry, child, within)
  } else {
    for (const [name, entry] of Object.entries(value))
      count += countValues(entry, node?.children.get(name), within)
  }
  return count
}
