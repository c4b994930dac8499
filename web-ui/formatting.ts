/** Numbers and times in the visitor's locale. The currency is the store's: build setting `VITE_STORE_CURRENCY`, an ISO 4217 code. */

const currency: string = import.meta.env?.VITE_STORE_CURRENCY || 'USD'

const price = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency,
  currencyDisplay: 'narrowSymbol',
})
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export const formatPrice = (value: number) => price.format(value)

/** An ISO 8601 time as a time of day, with seconds; with its date when that is not today. */
export function formatTime(iso: string, now = new Date()) {
  const date = new Date(iso)
  return date.toDateString() === now.toDateString() ? time.format(date) : dateTime.format(date)
}

/** An ISO 8601 time as date and time of day. */
export const formatDateTime = (iso: string) => dateTime.format(new Date(iso))
