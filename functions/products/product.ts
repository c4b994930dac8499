/** A product of the catalogue, as the shop thinks of it. */
import type { Product } from '@store/contract'

export type { Product }

/** Money is counted in whole cents, never in binary fractions of a unit. */
export type Cents = number

/** The price of a product in cents. */
export const priceInCents = (product: Pick<Product, 'price'>): Cents => Math.round(product.price * 100)
