/** Numbers and times in the visitor's locale. The currency is the store's: build setting `VITE_STORE_CURRENCY`, an ISO 4217 code. */

const currency: string = import.meta.env?.VITE_STORE_CURRENCY || 'USD'

// Each is made when it is first needed: getting the first one ready takes a browser longer than drawing a page.
let price: Intl.NumberFormat | undefined
let shortPrice: Intl.NumberFormat | undefined
let time: Intl.DateTimeFormat | undefined
let dateTime: Intl.DateTimeFormat | undefined

const priceFormat = () => {
  price ??= new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  })
  return price
}

/** An amount in the store's currency. */
export const formatPrice = (value: number): string => priceFormat().format(value)

/** Decimals of the store's currency: 2 for USD, 0 for JPY. */
export const priceDecimals = (): number => priceFormat().resolvedOptions().maximumFractionDigits ?? 2

/** An amount without the rounding errors of binary fractions. */
export const exactAmount = (amount: number): number => Number(amount.toFixed(priceDecimals()))

/** An amount where there is little room, as beside an axis: "$1.2K". */
export function formatShortPrice(value: number): string {
  shortPrice ??= new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    notation: 'compact',
    maximumFractionDigits: 1,
  })
  return shortPrice.format(value)
}

/** An ISO 8601 time as a time of day, with seconds; with its date when that is not today. */
export function formatTime(iso: string, now = new Date()): string {
  const date = new Date(iso)
  if (date.toDateString() !== now.toDateString()) return formatDateTime(iso)
  time ??= new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
  return time.format(date)
}

/** An ISO 8601 time as date and time of day. */
export function formatDateTime(iso: string): string {
  dateTime ??= new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  return dateTime.format(new Date(iso))
}
