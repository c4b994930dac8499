import { exactAmount, priceDecimals } from './formatting.ts'

/** What lines of goods cost together; counted in the currency's minor units, so that it is exact. */
export function totalOf(lines: readonly { price: number; quantity: number }[]): number {
  const unit = 10 ** priceDecimals()
  return exactAmount(
    lines.reduce((sum, { price, quantity }) => sum + Math.round(price * unit) * quantity, 0) / unit,
  )
}
