/** What the other services may ask of the catalogue. */
import type { Product } from './product.ts'
import { readCatalogue } from './productStore.ts'

/** The products with these numbers, by number; a number that is not in the catalogue is absent. */
export async function productsByIds(ids: Iterable<number>): Promise<Map<number, Product>> {
  const { products } = await readCatalogue()
  const found = [...new Set(ids)].map((id) => products.get(id)?.product)
  return new Map(found.filter((product) => product !== undefined).map((product) => [product.id, product]))
}

/** Every product, by number. */
export async function allProducts(): Promise<Product[]> {
  const { products } = await readCatalogue()
  return [...products.values()].map(({ product }) => product)
}
