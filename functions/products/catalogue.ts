/** What the other services may ask of the catalogue. */
import type { Product } from './product.ts'
import { readProduct } from './productStore.ts'

/** The products with these numbers, by number; a number that is not in the catalogue is absent. */
export async function productsByIds(ids: Iterable<number>): Promise<Map<number, Product>> {
  const found = await Promise.all([...new Set(ids)].map(readProduct))
  return new Map(found.filter((product) => product !== null).map((product) => [product.id, product]))
}
