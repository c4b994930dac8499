import { describe, expect, test } from 'vitest'
import { applyFilter, filterFromQuery, queryFromFilter } from './catalogueFilter.ts'

const product = (id: number, name: string, price: number, description = '') => ({
  id,
  name,
  price,
  description,
  image: '/x.svg',
})
const shelf = [
  product(1, 'Captain’s Bed', 20, 'Soft as a café cushion'),
  product(2, 'Anchor 10', 5),
  product(3, 'Anchor 9', 5, 'A heavy bed for ships'),
]
const names = (query: Record<string, string>) =>
  applyFilter(shelf, filterFromQuery(query)).map(({ name }) => name)

describe('what the visitor asks for', () => {
  test('every word must occur, in the name or the description, however it is written', () => {
    expect(names({ search: 'BED' })).toEqual(['Captain’s Bed', 'Anchor 9'])
    expect(names({ search: 'bed anchor' })).toEqual(['Anchor 9'])
    expect(names({ search: "captain's cafe" })).toEqual(['Captain’s Bed'])
    expect(names({ search: '.*' })).toEqual([])
    for (const apostrophe of ["'", '’', '‘', 'ʼ', '＇'])
      expect(names({ search: `captain${apostrophe}s` }), apostrophe).toEqual(['Captain’s Bed'])
    expect(names({ search: 'ｂｅｄ anchor' })).toEqual(['Anchor 9'])
  })

  test('prices at the bounds fit', () => {
    expect(names({ minPrice: '5', maxPrice: '5' })).toEqual(['Anchor 10', 'Anchor 9'])
    expect(names({ minPrice: '5.01' })).toEqual(['Captain’s Bed'])
    expect(names({ minPrice: '6', maxPrice: '5' })).toEqual([])
  })

  test('the order is the one asked for; equal prices keep the catalogue’s', () => {
    expect(names({ sort: 'price-asc' })).toEqual(['Anchor 10', 'Anchor 9', 'Captain’s Bed'])
    expect(names({ sort: 'price-desc' })).toEqual(['Captain’s Bed', 'Anchor 10', 'Anchor 9'])
    expect(names({ sort: 'name' })).toEqual(['Anchor 9', 'Anchor 10', 'Captain’s Bed'])
  })
})

describe('the address', () => {
  test('says what differs from the plain catalogue, and nothing else', () => {
    expect(queryFromFilter(filterFromQuery({}))).toEqual({})
    const query = { search: 'bed', minPrice: '2.5', maxPrice: '0', sort: 'name' }
    expect(queryFromFilter(filterFromQuery(query))).toEqual(query)
  })

  test('what makes no sense in it is left out', () => {
    const nonsense = { search: ['a', 'b'], minPrice: '-3', maxPrice: 'much', sort: 'constructor' }
    expect(queryFromFilter(filterFromQuery(nonsense))).toEqual({ search: 'a' })
  })
})
