/** Prices as employees send them, against what can be paid in the store's currency. */
import { isPayable, type Product, toPayable } from '@store/contract'
import { invalid } from '../platform/problem.ts'

/**
 * A product at a price that can be paid in the store's currency: the nearest one. The demo's admin sends prices with any
 * number of decimals, and shows the page of the product that the answer names.
 * @throws {ProblemError} 400 when that would make it a gift.
 */
export function withPayablePrice<T extends Pick<Product, 'price'>>(product: T, decimals: number): T {
  const price = toPayable(product.price, decimals)
  if (price === 0) demandPayable(product.price, decimals)
  return { ...product, price }
}

/**
 * Demands that a price can be paid in the store's currency.
 * @param pointer the field at fault.
 * @throws {ProblemError} 400.
 */
export function demandPayable(price: number, decimals: number, pointer = '/price'): void {
  if (isPayable(price, decimals)) return
  const detail =
    decimals === 0
      ? 'must be a whole number'
      : `must have at most ${decimals === 2 ? 'two' : decimals} decimal places`
  throw invalid('The request is not valid.', [{ pointer, detail }])
}
