import { dateOf, fractionOf } from './dateTimeText.ts'

/** A date in a format of .NET's specifiers, such as `yyyy-MM-dd HH:mm:ss`, in English. */
export function formatDateTime(ticks: bigint, format: string): string {
  const date = dateOf(ticks)
  const two = (number: number) => String(number).padStart(2, '0')
  const name = (options: Intl.DateTimeFormatOptions) =>
    date.toLocaleDateString('en-US', { ...options, timeZone: 'UTC' })
  const hour = date.getUTCHours()
  const specifiers: Record<string, () => string> = {
    yyyy: () => String(date.getUTCFullYear()).padStart(4, '0'),
    yy: () => two(date.getUTCFullYear() % 100),
    MMMM: () => name({ month: 'long' }),
    MMM: () => name({ month: 'short' }),
    MM: () => two(date.getUTCMonth() + 1),
    M: () => String(date.getUTCMonth() + 1),
    dddd: () => name({ weekday: 'long' }),
    ddd: () => name({ weekday: 'short' }),
    dd: () => two(date.getUTCDate()),
    d: () => String(date.getUTCDate()),
    HH: () => two(hour),
    H: () => String(hour),
    hh: () => two(hour % 12 || 12),
    h: () => String(hour % 12 || 12),
    mm: () => two(date.getUTCMinutes()),
    m: () => String(date.getUTCMinutes()),
    ss: () => two(date.getUTCSeconds()),
    s: () => String(date.getUTCSeconds()),
    tt: () => (hour < 12 ? 'AM' : 'PM'),
    t: () => (hour < 12 ? 'A' : 'P'),
  }
  const fraction = String(fractionOf(ticks)).padStart(7, '0')
  return format.replaceAll(/yyyy|yy|M{1,4}|d{1,4}|HH?|hh?|mm?|ss?|tt?|f{1,7}|'([^']*)'/g, (part, quoted) =>
    quoted !== undefined
      ? quoted
      : part.startsWith('f')
        ? fraction.slice(0, part.length)
        : (specifiers[part]?.() ?? part),
  )
}
