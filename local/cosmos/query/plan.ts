import type { Bound, Constraint } from './constraints.ts'
import { afterPrefix } from './encodeKey.ts'
import type { Index, Path, Source } from './source.ts'

/** A part of an index: keys from `from` to before `to`. */
export interface Range {
  readonly from?: Uint8Array
  readonly to?: Uint8Array
}

/** How the documents of a query are found. */
export interface Plan {
  readonly index: Index | null
  /** In the order in which they are read. */
  readonly ranges: readonly Range[]
  readonly reverse: boolean
  /** Whether the documents come in the order that the query wants. */
  readonly ordered: boolean
  /** Whether the documents of a range come by their numbers, not by the index. */
  readonly byNumber?: boolean
}

export interface PathOrder {
  readonly path: Path
  readonly order: 'asc' | 'desc'
}

interface Candidate extends Plan {
  /** How many of the paths are bound to points, and whether the next one is bound to a range. */
  readonly bound: number
}

/** So few documents are read and sorted as they are. */
const handful = 100
/** Up to so many documents of a narrow range are rather sorted than looked for along the wanted order. */
const sortable = 300
/** The most ranges of an index that one query looks up. */
const maxRanges = 200

/**
 * Chooses the index to read. `order` is empty if the query wants none; a single path of it is indexed, several have a
 * composite index: that is checked before.
 */
export function choosePlan(
  source: Source,
  constraints: ReadonlyMap<Path, Constraint>,
  order: readonly PathOrder[],
): Plan {
  const wantsOrder = order.length > 0
  if (source.count(handful + 1) <= handful) return { ...everything, ordered: !wantsOrder }
  const candidates = candidatesOf(source, constraints, order)
  const ordered = most(candidates.filter((candidate) => candidate.ordered))
  const narrow = candidates.filter(({ bound }) => bound > 0)
  const best = most(narrow)
  if (!wantsOrder) {
    const found = narrowest(source, narrow)
    return found ? numbered(found) : { ...everything, ordered: true }
  }
  if (!ordered) return narrowest(source, narrow) ?? everything
  if (!best || best.bound <= ordered.bound) return ordered
  const small = narrowest(
    source,
    narrow.filter(({ bound }) => bound > ordered.bound),
  )
  return small && size(source, small, sortable + 1) <= sortable ? small : ordered
}

/** The plan that reads an index as an earlier page did; undefined if there is none. */
export function samePlan(
  source: Source,
  constraints: ReadonlyMap<Path, Constraint>,
  order: readonly PathOrder[],
  { index, reverse }: { readonly index: string | null; readonly reverse: boolean },
): Plan | undefined {
  if (index === null) return { ...everything, ordered: !order.length }
  const found = candidatesOf(source, constraints, order, true).find(
    (candidate) => candidate.index?.name === index && candidate.reverse === reverse,
  )
  return found && order.length === 0 ? numbered(found) : found
}

/**
 * Documents in no wanted order come by their numbers, as in Azure. Of one range they can be read so one by one; where all its
 * keys are the same, the index has that order itself.
 */
function numbered(candidate: Candidate): Plan {
  const { index, ranges, bound } = candidate
  const ordered = ranges.length === 1
  return { ...candidate, ordered, byNumber: ordered && bound !== index?.paths.length }
}

/** All documents as they are. */
export const everything: Plan = { index: null, ranges: [{}], reverse: false, ordered: false }

/** Of candidates, the one that binds most. */
const most = (candidates: readonly Candidate[]): Candidate | undefined =>
  candidates.toSorted((a, b) => b.bound - a.bound)[0]

/** Of candidates, the one that reads least; of those that read much, the one that binds most. */
function narrowest(source: Source, candidates: readonly Candidate[]): Candidate | undefined {
  const sorted = candidates.toSorted((a, b) => b.bound - a.bound)
  if (sorted.length <= 1) return sorted[0]
  const sized = sorted.map((candidate) => ({ candidate, size: size(source, candidate, sortable + 1) }))
  return sized.sort((a, b) => a.size - b.size)[0]?.candidate
}

function size(source: Source, { index, ranges }: Plan, limit: number): number {
  if (!index || ranges.length > 20) return limit
  let total = 0
  for (const range of ranges) {
    total += source.count(limit - total, { index: index.name, ...range })
    if (total >= limit) return limit
  }
  return total
}

function candidatesOf(
  source: Source,
  constraints: ReadonlyMap<Path, Constraint>,
  order: readonly PathOrder[],
  all = false,
): Candidate[] {
  const candidateOf = (index: Index) => candidate(index, constraints, order)
  const composite = source.compositeIndexes.map(candidateOf).filter(isUseful)
  // An index of one path is made when it is asked for: only where no composite one serves.
  const serves = composite.some(
    ({ bound, ordered }) => bound >= constraints.size && (ordered || !order.length),
  )
  if (serves && !all) return composite
  const leading = new Set(composite.filter(({ bound }) => bound > 0).map(({ index }) => index?.paths[0]))
  const paths = new Set([...constraints.keys()].filter((path) => all || !leading.has(path)))
  if (order.length === 1 && (all || !composite.some(({ ordered }) => ordered)))
    paths.add(order[0]?.path as Path)
  const single = [...paths].flatMap((path) => source.indexOf(path) ?? [])
  return [...composite, ...single.map(candidateOf).filter(isUseful)]
}

const isUseful = ({ bound, ordered }: Candidate) => bound > 0 || ordered

function candidate(
  index: Index,
  constraints: ReadonlyMap<Path, Constraint>,
  order: readonly PathOrder[],
): Candidate {
  let prefixes: Uint8Array[] = [new Uint8Array()]
  let at = 0
  for (; at < index.paths.length; at++) {
    const points = constraints.get(index.paths[at] as Path)?.points
    if (!points || prefixes.length * points.length > maxRanges) break
    const component = points.map((point) => oriented(point, index.orders[at]))
    prefixes = prefixes.flatMap((prefix) => component.map((bytes) => Buffer.concat([prefix, bytes])))
  }
  const constraint = at < index.paths.length ? constraints.get(index.paths[at] as Path) : undefined
  const isRange = constraint !== undefined && !constraint.points
  const ranges = prefixes
    .map((prefix) => rangeOf(prefix, isRange ? constraint : undefined, index.orders[at]))
    .filter(({ from, to }) => !from || !to || Buffer.compare(from, to) < 0)
    .sort((a, b) => Buffer.compare(a.from ?? new Uint8Array(), b.from ?? new Uint8Array()))
  const direction = directionOf(index, constraints, order)
  const reverse = direction === 'reverse'
  return {
    index,
    ranges: reverse ? ranges.reverse() : ranges,
    reverse,
    ordered: order.length > 0 && direction !== undefined,
    bound: at + (isRange ? 0.5 : 0),
  }
}

/** How an index must be read to give an order; undefined if it cannot. What is bound to one point is in any order. */
function directionOf(
  index: Index,
  constraints: ReadonlyMap<Path, Constraint>,
  order: readonly PathOrder[],
): 'forward' | 'reverse' | undefined {
  const isFixed = (path: Path) => constraints.get(path)?.points?.length === 1
  const wanted = order.filter(({ path }) => !isFixed(path))
  const given = index.paths
    .map((path, i) => ({ path, order: index.orders[i] }))
    .filter(({ path }) => !isFixed(path))
  if (!wanted.every(({ path }, i) => given[i]?.path === path)) return undefined
  const same = wanted.filter((item, i) => item.order === given[i]?.order).length
  if (same === wanted.length) return 'forward'
  return same === 0 ? 'reverse' : undefined
}

function rangeOf(
  prefix: Uint8Array,
  constraint: Constraint | undefined,
  order: 'asc' | 'desc' | undefined,
): Range {
  const turned = order === 'desc'
  const lower = bound(prefix, turned ? constraint?.to : constraint?.from, order)
  const upper = bound(prefix, turned ? constraint?.from : constraint?.to, order)
  const from = lower.inclusive ? lower.bytes : afterPrefix(lower.bytes)
  const to = upper.inclusive ? afterPrefix(upper.bytes) : upper.bytes
  return { ...(from?.length && { from }), ...(to && { to }) }
}

/** A bound behind a prefix; without one, all that begins with the prefix is within. */
function bound(prefix: Uint8Array, of: Bound | undefined, order: 'asc' | 'desc' | undefined): Bound {
  if (!of) return { bytes: prefix, inclusive: true }
  return { bytes: Buffer.concat([prefix, oriented(of.bytes, order)]), inclusive: of.inclusive }
}

const oriented = (bytes: Uint8Array, order: 'asc' | 'desc' | undefined): Uint8Array =>
  order === 'desc' ? bytes.map((byte) => ~byte) : bytes
