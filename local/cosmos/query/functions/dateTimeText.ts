/** Date and time as the query language counts them: in ticks of 100 ns since 1970-01-01, UTC. */

export const ticksPerMillisecond = 10_000n

const pattern = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?)?Z?$/

/** The ticks of `YYYY-MM-DDThh:mm:ss.fffffffZ` or a shorter form; undefined for what is no date. */
export function ticksOf(text: string): bigint | undefined {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = pattern.exec(text) ?? []
  if (year === undefined) return undefined
  return ticksOfParts(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.padEnd(7, '0')),
  )
}

/** The ticks of a date given in numbers, `fraction` in ticks; undefined for a day or time that does not exist. */
export function ticksOfParts(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  fraction = 0,
): bigint | undefined {
  const parts = [year, month, day, hour, minute, second, fraction]
  if (!parts.every((part) => Number.isInteger(part) && part >= 0)) return undefined
  if (year < 1 || year > 9999 || hour > 23 || minute > 59 || second > 59 || fraction > 9_999_999)
    return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return BigInt(date.getTime()) * ticksPerMillisecond + BigInt(fraction)
}

/** `YYYY-MM-DDThh:mm:ss.fffffffZ`; undefined beyond the years 1 to 9999. */
export function textOf(ticks: bigint): string | undefined {
  const date = dateOf(ticks)
  const year = date.getUTCFullYear()
  if (Number.isNaN(year) || year < 1 || year > 9999) return undefined
  return `${date.toISOString().slice(0, 19)}.${String(fractionOf(ticks)).padStart(7, '0')}Z`
}

/** The date to the millisecond. */
export const dateOf = (ticks: bigint): Date => new Date(Number(floorDivide(ticks, ticksPerMillisecond)))

/** The ticks within the second. */
export const fractionOf = (ticks: bigint): number =>
  Number(ticks - floorDivide(ticks, 10_000_000n) * 10_000_000n)

/** Division that rounds down, also before 1970. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}
