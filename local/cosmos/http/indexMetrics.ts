/**
 * Which indexes a query uses and which would help it, as `populateIndexMetrics` asks ("Indexing metrics in Azure Cosmos
 * DB"): by the policy and the paths that the query filters and orders by, whatever this server has read.
 */
import { namesOf, type Path, type PathOrder, type QueryPaths } from '../query/index.ts'
import { type CompositePath, type IndexingPolicy, isPathIndexed } from '../resources/indexingPolicy.ts'

/** The value of the header `x-ms-cosmos-index-utilization`, which clients decode and parse. */
export function indexMetricsOf({ filters, order }: QueryPaths, policy: IndexingPolicy): string {
  const paths = [...new Set([...filters, ...order.map(({ path }) => path)])]
  const composites = policy.compositeIndexes ?? []
  const used = composites.filter((index) => serves(index, filters, order))
  const wanted = used.length || paths.length < 2 ? [] : [wantedIndex(filters, order)]
  const single = (isUsed: boolean) => paths.filter((path) => isPathIndexed(policy, path) === isUsed)
  const impact = { IndexImpactScore: 'High' }
  const metrics = {
    Utilized: {
      SingleIndexes: single(true).map((path) => ({ IndexSpec: `${path}/?` })),
      CompositeIndexes: used.map((index) => ({ IndexSpecs: index.map(specOf) })),
    },
    Potential: {
      SingleIndexes: single(false).map((path) => ({ IndexSpec: `${path}/?`, ...impact })),
      CompositeIndexes: wanted.map((index) => ({ IndexSpecs: index.map(specOf), ...impact })),
    },
  }
  return encodeURIComponent(JSON.stringify(metrics))
}

const specOf = ({ path, order }: CompositePath) => `${path} ${order === 'descending' ? 'DESC' : 'ASC'}`

/** Its paths begin with the wanted ones, those of the order all in its direction or all against it. */
function serves(
  index: readonly CompositePath[],
  filters: readonly Path[],
  order: readonly PathOrder[],
): boolean {
  const wanted = wantedIndex(filters, order)
  if (wanted.length < 2 || !wanted.every(({ path }, i) => same(path, index[i]?.path ?? ''))) return false
  const turns = wanted.slice(wanted.length - order.length).map((one, i) => {
    const own = index[wanted.length - order.length + i]
    return own?.order === one.order
  })
  return new Set(turns).size <= 1
}

/** The filters first, the order behind them; what is in both stands where the order has it. */
function wantedIndex(filters: readonly Path[], order: readonly PathOrder[]): CompositePath[] {
  const ordered = new Set(order.map(({ path }) => path))
  return [
    ...filters.filter((path) => !ordered.has(path)).map((path) => ({ path, order: 'ascending' as const })),
    ...order.map(({ path, order }) => ({
      path,
      order: order === 'desc' ? ('descending' as const) : ('ascending' as const),
    })),
  ]
}

const same = (a: Path, b: Path) => JSON.stringify(namesOf(a)) === JSON.stringify(namesOf(b))
