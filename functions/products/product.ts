/** A product of the catalogue, as the shop thinks of it. */
import { Product, toMinor } from '@store/contract'

export { Product }

/** Money is counted in whole minor units of the store's currency, never in binary fractions of a unit. */
export type Minor = number

/** The price of a product in minor units. */
export const priceInMinor = ({ price }: Pick<Product, 'price'>, decimals: number): Minor =>
  toMinor(price, decimals)
