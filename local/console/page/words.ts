/** How figures and times are written. */

const digits = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const days = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })

export const number = (value: number): string => digits.format(value)

const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
/** What may be a tiny part of one, such as seconds. */
export const amount = (value: number): string =>
  Math.abs(value) < 100 ? significant.format(value) : digits.format(value)

/** Milliseconds, as people say them. */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '–'
  if (milliseconds >= 10_000) return `${digits.format(milliseconds / 1000)} s`
  return milliseconds < 1 ? '< 1 ms' : `${Math.round(milliseconds)} ms`
}

/** A time, with its day unless that is today. */
export function time(at: number | string | null | undefined, now = new Date()): string {
  const date = new Date(at || Number.NaN)
  if (Number.isNaN(date.getTime())) return '–'
  const day = date.toDateString() === now.toDateString() ? '' : `${days.format(date)}, `
  return day + clock.format(date)
}

/** USD. What one order costs is a tiny part of a cent, so it is said for a million of them. */
export const perMillion = (dollars: number): string => `$${digits.format(dollars * 1e6)} per million`
