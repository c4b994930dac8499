/** How figures and times are written. */

const digits = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })

export const number = (value: number): string => digits.format(value)

/** Milliseconds, as people say them. */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '–'
  if (milliseconds >= 10_000) return `${digits.format(milliseconds / 1000)} s`
  return milliseconds < 1 ? '< 1 ms' : `${Math.round(milliseconds)} ms`
}

/** A time of today. */
export const time = (at: number | string | null | undefined): string =>
  at ? clock.format(new Date(at)) : '–'

/** USD. What one order costs is a tiny part of a cent, so it is said for a million of them. */
export const perMillion = (dollars: number): string => `$${digits.format(dollars * 1e6)} per million`
