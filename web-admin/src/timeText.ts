/** Spans of time in the reader's language. */

const steps = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
  ['year', Number.POSITIVE_INFINITY],
] as const

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })

/** How long ago a time was, e.g. "3 min. ago"; both in milliseconds. */
export function agoText(at: number, now: number): string {
  let span = Math.min(0, Math.round((at - now) / 1000))
  for (const [unit, size] of steps) {
    if (Math.abs(span) < size) return unit === 'second' ? justNow(span) : relative.format(span, unit)
    span = Math.trunc(span / size)
  }
  return ''
}

const justNow = (seconds: number) =>
  relative.format(seconds > -10 ? 0 : Math.trunc(seconds / 10) * 10, 'second')

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** A span of seconds in its two largest units, e.g. "2 hr 5 min". */
export function spanText(seconds: number): string {
  let rest = Math.round(seconds)
  const parts: string[] = []
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest %= size
    if (parts.length === 1 && count === 0) break
    if (count === 0) continue
    parts.push(count.toLocaleString(undefined, { style: 'unit', unit, unitDisplay: 'short' }))
    if (parts.length === 2) break
  }
  return (
    parts.join(' ') || (0).toLocaleString(undefined, { style: 'unit', unit: 'second', unitDisplay: 'short' })
  )
}
