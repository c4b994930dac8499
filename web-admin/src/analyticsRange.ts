/** The range of time that the dashboard shows, and its figures put into even steps of that range. */
import type { AnalyticsSummary } from '@store/contract'
import { exactAmount } from '@store/web-ui'
import { dayOf, startOfDay } from './days.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Ranges that end now, in milliseconds. */
export const presets = { '24h': day, '7d': 7 * day, '30d': 30 * day } as const
export type Preset = keyof typeof presets

/** What the address asks for: a preset, or days from and to (both included). */
export interface RangeChoice {
  preset: Preset | null
  from: string
  to: string
  /** It was longer than can be shown; `from` is the first day that is. */
  isShortened?: true
}

/** A year and its leap day are too many where a day of it has 25 hours. */
export const mostDays = 365

export function readChoice(range: string, from: string, to: string): RangeChoice {
  const start = startOfDay(from)
  const end = startOfDay(to, 1)
  if (start && end && start < end) {
    const earliest = startOfDay(to, 1 - mostDays) ?? start
    if (start >= earliest) return { preset: null, from, to }
    return { preset: null, from: dayOf(new Date(earliest)), to, isShortened: true }
  }
  return { preset: Object.hasOwn(presets, range) ? (range as Preset) : '24h', from: '', to: '' }
}

/**
 * The range as the API takes it, from where an hour begins on the reader's clock. One that ends now ends with the
 * minute, so that asking again asks the same.
 */
export function rangeOf({ preset, from, to }: RangeChoice, now: number): { from: string; to: string } {
  if (!preset) return { from: startOfDay(from) ?? '', to: startOfDay(to, 1) ?? '' }
  const end = Math.ceil(now / 60_000) * 60_000
  return {
    from: floor(new Date(end - presets[preset]), 'hour').toISOString(),
    to: new Date(end).toISOString(),
  }
}

export interface Step {
  /** The instant the step begins. */
  at: Date
  orders: number
  revenue: number
}

/** The figures by the hour, or by the day when the range is longer than three; steps without an order are there too. */
export function stepsOf({ from, to, series }: Pick<AnalyticsSummary, 'from' | 'to' | 'series'>): {
  unit: 'hour' | 'day'
  steps: Step[]
} {
  const start = new Date(from)
  const end = Date.parse(to)
  const unit = end - start.getTime() > 3 * day ? 'day' : 'hour'
  const steps: Step[] = []
  for (let at = floor(start, unit); at.getTime() < end; at = next(at, unit))
    steps.push({ at, orders: 0, revenue: 0 })
  for (const { hour, orders, revenue } of series) {
    const at = Date.parse(hour)
    // Not by the reader's clock, which may be set forward by half an hour between two hours of the series.
    const step = steps.findLast((step) => step.at.getTime() <= at)
    if (!step) continue
    step.orders += orders
    step.revenue = exactAmount(step.revenue + revenue)
  }
  return { unit, steps }
}

/** The beginning of the hour or the day that a time is in, on the reader's clock. */
function floor(time: Date, unit: 'hour' | 'day'): Date {
  return unit === 'hour'
    ? new Date(Math.floor(time.getTime() / minute) * minute - time.getMinutes() * minute)
    : new Date(time.getFullYear(), time.getMonth(), time.getDate())
}

/** Days are counted by the calendar: one may have 23 or 25 hours. */
function next(time: Date, unit: 'hour' | 'day'): Date {
  return unit === 'hour'
    ? new Date(time.getTime() + hour)
    : new Date(time.getFullYear(), time.getMonth(), time.getDate() + 1)
}
