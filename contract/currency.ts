/**
 * Money, as exact as its currency is: how many decimals an amount has belongs to the currency (ISO 4217), which `Intl`
 * knows. Sums are counted in whole minor units (cents, where there are two decimals). Imports nothing, so a browser can
 * have it.
 */

/** Decimals of a currency by its ISO 4217 code: 2 for USD, 0 for JPY, 3 for KWD. Throws a RangeError on what is no code. */
export const decimalsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** An amount in whole minor units. */
export const toMinor = (amount: number, decimals: number): number => Math.round(amount * 10 ** decimals)

/** Minor units as an amount. */
export const fromMinor = (minor: number, decimals: number): number => minor / 10 ** decimals

/** The amount that can be paid and is nearest, half a minor unit up: decimal halves, which 1.005 is and its binary is not. */
export const toPayable = (amount: number, decimals: number): number =>
  fromMinor(Math.round(Number((amount * 10 ** decimals).toPrecision(15))), decimals)

/** Whether an amount can be paid in the currency. */
export const isPayable = (amount: number, decimals: number): boolean =>
  Number(amount.toFixed(decimals)) === amount
