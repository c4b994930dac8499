import type { Product } from '@store/contract'
import { isFound, searchWords } from '@store/contract/search'
import type { LocationQuery } from 'vue-router'

/**
 * What the visitor asks of the catalogue. It is filtered here, in the browser: the whole list is on the page anyway,
 * so every keystroke answers at once, offline too, and costs no request.
 */
export interface CatalogueFilter {
  search: string
  minPrice: number | undefined
  maxPrice: number | undefined
  sort: Sort
}

export const sorts = {
  featured: 'Featured',
  'price-asc': 'Price: low to high',
  'price-desc': 'Price: high to low',
  name: 'Name',
} as const
export type Sort = keyof typeof sorts

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true })

const order: Record<Sort, (a: Product, b: Product) => number> = {
  featured: (a, b) => a.id - b.id,
  'price-asc': (a, b) => a.price - b.price || a.id - b.id,
  'price-desc': (a, b) => b.price - a.price || a.id - b.id,
  name: (a, b) => collator.compare(a.name, b.name),
}

/** The products that fit, in the order asked for. Every word of the search must occur in the name or the description. */
export function applyFilter(products: readonly Product[], filter: CatalogueFilter): Product[] {
  const words = searchWords(filter.search)
  return products
    .filter(
      (product) =>
        product.price >= (filter.minPrice ?? 0) &&
        product.price <= (filter.maxPrice ?? Number.POSITIVE_INFINITY) &&
        isFound(product, words),
    )
    .sort(order[filter.sort])
}

/** The filter that an address names; what makes no sense in it is left out. */
export function filterFromQuery(query: LocationQuery): CatalogueFilter {
  const text = (key: string) => String((Array.isArray(query[key]) ? query[key][0] : query[key]) ?? '')
  const price = (key: string) => {
    const value = Number.parseFloat(text(key))
    return value >= 0 && Number.isFinite(value) ? value : undefined
  }
  const sort = text('sort')
  return {
    search: text('search').slice(0, 200),
    minPrice: price('minPrice'),
    maxPrice: price('maxPrice'),
    sort: Object.hasOwn(sorts, sort) ? (sort as Sort) : 'featured',
  }
}

/** The address's query for a filter; only what differs from the plain catalogue is in it. */
export function queryFromFilter({
  search,
  minPrice,
  maxPrice,
  sort,
}: CatalogueFilter): Record<string, string> {
  return {
    ...(search.trim() && { search: search.trim() }),
    ...(minPrice !== undefined && { minPrice: String(minPrice) }),
    ...(maxPrice !== undefined && { maxPrice: String(maxPrice) }),
    ...(sort !== 'featured' && { sort }),
  }
}
