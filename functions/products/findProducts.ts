/** Searching, sorting and paging a list of products. Pure. */
import { isFound, type ProductQuery, type ProductSort, searchWords } from '@store/contract'
import type { Product } from './product.ts'

/** A page of products, and where it ended when there are more. */
export interface ProductPage {
  products: Product[]
  /** How many products match in all. */
  total: number
  continuation: string | null
}

/** The products that a query asks for, or null when its `continuation` is none that an earlier page gave. */
export function findProducts(products: Iterable<Product>, query: ProductQuery): ProductPage | null {
  const { search = '', minPrice = 0, maxPrice = Number.POSITIVE_INFINITY, sort = 'id' } = query
  const words = searchWords(search)
  const matching = [...products]
    .filter(({ price }) => price >= minPrice && price <= maxPrice)
    .filter((product) => isFound(product, words))
    .sort(comparing(sort))
  const total = matching.length

  let start = 0
  if (query.continuation !== undefined) {
    const end = parseContinuation(query.continuation, sort)
    if (!end) return null
    // The product that the last page ended with may be gone or changed; its place in the order is still known.
    const next = matching.findIndex((product) => comparing(sort)(product, end) > 0)
    start = next < 0 ? total : next
  }
  const page = matching.slice(start, start + (query.limit ?? total))
  const last = page.at(-1)
  const isLast = start + page.length >= total
  return { products: page, total, continuation: last && !isLast ? continuationAfter(last, sort) : null }
}

type Place = Pick<Product, 'id' | 'name' | 'price'>

const collator = new Intl.Collator('en', { sensitivity: 'base', numeric: true })

/** Products that are equal in what they are sorted by stand in the order of their numbers. */
function comparing(sort: ProductSort): (a: Place, b: Place) => number {
  const direction = sort.startsWith('-') ? -1 : 1
  const key = sort.replace('-', '') as 'id' | 'name' | 'price'
  const compare = (a: Place, b: Place) =>
    key === 'name' ? collator.compare(a.name, b.name) : a[key] - b[key]
  return (a, b) => direction * compare(a, b) || a.id - b.id
}

function continuationAfter({ id, name, price }: Product, sort: ProductSort): string {
  return Buffer.from(JSON.stringify([sort, id, name, price])).toString('base64url')
}

function parseContinuation(text: string, expected: ProductSort): Place | null {
  try {
    const [sort, id, name, price] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const isPlace = typeof id === 'number' && typeof name === 'string' && typeof price === 'number'
    return sort === expected && isPlace ? { id, name, price } : null
  } catch {
    return null
  }
}
