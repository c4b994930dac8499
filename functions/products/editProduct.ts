/** Creating, changing and deleting a product. */
import type { NewProduct } from '@store/contract'
import { config } from '../platform/config.ts'
import { notFound, ProblemError } from '../platform/problem.ts'
import { withPayablePrice } from './payablePrice.ts'
import { withStoredPicture } from './pictures.ts'
import type { Product } from './product.ts'
import { changeCatalogue, type StoredProduct } from './productStore.ts'

/** Whether what is stored is what the caller wants changed; see `matches` in `platform/http.ts`. */
export type Precondition = (etag: string) => boolean

/**
 * Creates a product under the next free number.
 * @throws {ProblemError} 400 a picture that is none, a price below what can be paid; 503.
 */
export async function createProduct(draft: NewProduct): Promise<StoredProduct> {
  const product = await withStoredPicture(withPayablePrice(draft, config().currency.decimals))
  const { result, etags } = await changeCatalogue(async ({ head }) => {
    const created: Product = { ...product, id: head.last + 1 }
    return { change: { head: { last: created.id }, create: [created] }, result: created }
  })
  return { product: result, etag: etags[0] ?? '' }
}

/**
 * Replaces a product.
 * @throws {ProblemError} 404; 412 it is not what the caller read; 400 as of a new one; 503.
 */
export async function updateProduct(draft: Product, precondition: Precondition): Promise<StoredProduct> {
  const product = await withStoredPicture(withPayablePrice(draft, config().currency.decimals))
  const { etags } = await changeCatalogue(async ({ read }) => {
    demand(await read(product.id), precondition)
    return { change: { replace: [product] }, result: undefined }
  })
  return { product, etag: etags[0] ?? '' }
}

/**
 * Deletes a product; its number is not given again, and orders keep its name and price.
 * @throws {ProblemError} 404; 412 it is not what the caller read; 503.
 */
export async function deleteProduct(id: number, precondition: Precondition): Promise<void> {
  await changeCatalogue(async ({ read }) => {
    demand(await read(id), precondition)
    return { change: { delete: [id] }, result: undefined }
  })
}

function demand(stored: StoredProduct | null, precondition: Precondition): void {
  if (!stored) throw notFound('This product')
  if (!precondition(stored.etag)) {
    throw new ProblemError(412, 'Someone changed this product in the meantime. Read it again.')
  }
}
