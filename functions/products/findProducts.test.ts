/** Searching, sorting and turning pages, on a list that needs no database. */
import { type ProductQuery, productSorts } from '@store/contract'
import { describe, expect, test } from 'vitest'
import { findProducts } from './findProducts.ts'
import type { Product } from './product.ts'

const product = (id: number, name: string, price: number, description = ''): Product => ({
  id,
  name,
  price,
  description,
  image: '/i.png',
})
const shelf = [
  product(1, 'Rope 10', 5, 'For sailors'),
  product(2, 'rope 9', 5, 'Strong'),
  product(3, 'Éclair toy', 7.5, "A sailor's snack"),
  product(4, 'Anchor', 1, 'Heavy and strong'),
  product(5, 'Bed', 19.99),
]
const ids = (query: ProductQuery, products: Iterable<Product> = shelf) =>
  findProducts(products, query)?.products.map(({ id }) => id)

test.each<[ProductQuery, number[]]>([
  [{}, [1, 2, 3, 4, 5]],
  [{ search: '' }, [1, 2, 3, 4, 5]],
  [{ search: 'ROPE' }, [1, 2]],
  [{ search: 'eclair' }, [3]],
  [{ search: 'strong' }, [2, 4]],
  [{ search: 'strong  anchor' }, [4]],
  [{ search: 'strong bed' }, []],
  [{ search: 'sailor' }, [1, 3]],
  [{ search: 'bedrope' }, []],
  [{ minPrice: 5 }, [1, 2, 3, 5]],
  [{ maxPrice: 5 }, [1, 2, 4]],
  [{ minPrice: 5, maxPrice: 7.5 }, [1, 2, 3]],
  [{ minPrice: 6, maxPrice: 5 }, []],
])('%j finds %j', (query, found) => {
  expect(ids(query)).toEqual(found)
  expect(findProducts(shelf, query)).toMatchObject({ total: found.length, continuation: null })
})

// Numbers in names by their value, case and accents not at all; what is equal stands in the order of the numbers.
test.each<[ProductQuery['sort'], number[]]>([
  [undefined, [1, 2, 3, 4, 5]],
  ['id', [1, 2, 3, 4, 5]],
  ['-id', [5, 4, 3, 2, 1]],
  ['name', [4, 5, 3, 2, 1]],
  ['-name', [1, 2, 3, 5, 4]],
  ['price', [4, 1, 2, 3, 5]],
  ['-price', [5, 3, 1, 2, 4]],
])('sorted by %s the order is %j', (sort, found) => {
  expect(ids({ sort }, shelf.toReversed())).toEqual(found)
})

describe('pages', () => {
  /** Turns all pages, at most ten; `change` is what happens to the shelf after the first. */
  function turn(query: ProductQuery, change = (products: Product[]) => products) {
    let products = shelf
    const pages: number[][] = []
    let continuation: string | undefined
    do {
      const page = findProducts(products, { ...query, ...(continuation && { continuation }) })
      if (!page || pages.length > 9) throw new Error('no such page')
      pages.push(page.products.map(({ id }) => id))
      continuation = page.continuation ?? undefined
      products = change(products)
    } while (continuation)
    return pages
  }

  test.each(productSorts)('sorted by %s hold all, in that order, and say how many there are', (sort) => {
    for (const limit of [1, 2, 4]) {
      const pages = turn({ sort, limit })
      expect(pages.flat()).toEqual(ids({ sort }))
      expect(pages).toHaveLength(Math.ceil(5 / limit))
      expect(findProducts(shelf, { sort, limit })?.total).toBe(5)
    }
  })

  test('the last one says that it is the last, also when it is full', () => {
    expect(turn({ limit: 5 })).toEqual([[1, 2, 3, 4, 5]])
    expect(findProducts(shelf, { limit: 5 })?.continuation).toBeNull()
    expect(findProducts([], { limit: 5 })).toEqual({ products: [], total: 0, continuation: null })
  })

  test('go on where they were although the product that a page ended with is gone, or all after it', () => {
    expect(turn({ limit: 2 }, (products) => products.filter(({ id }) => id !== 2))).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ])
    expect(turn({ limit: 2 }, (products) => products.slice(0, 2))).toEqual([[1, 2], []])
  })

  const place = (...values: unknown[]) => Buffer.from(JSON.stringify(values)).toString('base64url')
  test.each([
    ['x'],
    [''],
    [Buffer.from('{}').toString('base64url')],
    [Buffer.from('null').toString('base64url')],
    [place('-id', 1, 'a', 1)],
    [place('id', '1', 'a', 1)],
    [place('id', 1, 7, 1)],
    [place('id', 1, 'a', '1')],
    [place('id', 1, 'a')],
  ])('none begins at %j', (continuation) => expect(findProducts(shelf, { continuation })).toBeNull())

  test('one begins after the place that it names', () => {
    expect(ids({ continuation: place('id', 3, 'é', 7.5) })).toEqual([4, 5])
    expect(ids({ sort: 'name', continuation: place('name', 9, 'Cé', 0) })).toEqual([3, 2, 1])
  })
})
