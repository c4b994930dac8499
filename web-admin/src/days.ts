/** Calendar days in the reader's time zone, as a date field writes them: "2026-11-23". */

const pattern = /^(\d{4})-(\d\d)-(\d\d)$/

/** The instant a day begins, `plus` days later, as ISO 8601; undefined when the text is no day. */
export function startOfDay(day: string, plus = 0): string | undefined {
  const [, year, month, date] = pattern.exec(day) ?? []
  if (!year) return undefined
  const start = new Date(Number(year), Number(month) - 1, Number(date) + plus)
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString()
}

/** The day of a time, as a date field writes it. */
export function dayOf(time: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`
}
