import {
  dateOf,
  floorDivide,
  fractionOf,
  textOf,
  ticksOf,
  ticksOfParts,
  ticksPerMillisecond,
} from './dateTimeText.ts'
import { formatDateTime } from './formatDateTime.ts'
import { type BuiltIn, type Context, isNumber, isString, type Value } from './function.ts'

/** "Date and time functions" of the NoSQL query language. */
export const dateTime: Record<string, BuiltIn> = {
  DATETIMEADD: { arity: [3, 3], call: ([part, count, text]) => add(unitOf(part), count, ticks(text)) },
  AGO: {
    arity: [2, 2],
    call: ([part, count], { now }) => add(unitOf(part), isNumber(count) ? -count : undefined, ticksAt(now)),
  },
  DATETIMEBIN: {
    arity: [2, 4],
    call: ([text, part, size = 1, from = '1970-01-01T00:00:00Z']) => bin(text, part, size, from),
  },
  DATETIMEDIFF: {
    arity: [3, 3],
    call: ([part, from, to]) => difference(unitOf(part), ticks(from), ticks(to)),
  },
  DATETIMEFORMAT: {
    arity: [2, 2],
    call: ([text, format]) => {
      const at = ticks(text)
      return at === undefined || !isString(format) ? undefined : formatDateTime(at, format)
    },
  },
  DATETIMEFROMPARTS: {
    arity: [3, 7],
    call: (values) => {
      const at = values.every(isNumber) && ticksOfParts(...(values as [number, number, number]))
      return typeof at === 'bigint' ? textOf(at) : undefined
    },
  },
  DATETIMEPART: { arity: [2, 2], call: ([part, text]) => partOf(unitOf(part), ticks(text)) },
  YEAR: { arity: [1, 1], call: ([text]) => partOf('year', ticks(text)) },
  MONTH: { arity: [1, 1], call: ([text]) => partOf('month', ticks(text)) },
  DAY: { arity: [1, 1], call: ([text]) => partOf('day', ticks(text)) },
  DATETIMETOTICKS: { arity: [1, 1], call: ([text]) => numberOf(ticks(text)) },
  DATETIMETOTIMESTAMP: {
    arity: [1, 1],
    call: ([text]) => {
      const at = ticks(text)
      return at === undefined ? undefined : Number(floorDivide(at, ticksPerMillisecond))
    },
  },
  TICKSTODATETIME: {
    arity: [1, 1],
    call: ([count]) => (isNumber(count) && Number.isInteger(count) ? textOf(BigInt(count)) : undefined),
  },
  TIMESTAMPTODATETIME: {
    arity: [1, 1],
    call: ([count]) => (isNumber(count) && Number.isInteger(count) ? textOf(ticksAt(count)) : undefined),
  },
  GETCURRENTDATETIME: ofNow((now) => textOf(ticksAt(now))),
  GETCURRENTDATETIMESTATIC: ofNow((now) => textOf(ticksAt(now))),
  NOW: ofNow((now) => textOf(ticksAt(now))),
  GETCURRENTTICKS: ofNow((now) => Number(ticksAt(now))),
  GETCURRENTTICKSSTATIC: ofNow((now) => Number(ticksAt(now))),
  GETCURRENTTIMESTAMP: ofNow((now) => now),
  GETCURRENTTIMESTAMPSTATIC: ofNow((now) => now),
}

type Unit =
  | 'year'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond'
  | 'nanosecond'

const names: Record<Unit, string[]> = {
  year: ['yyyy', 'yy'],
  month: ['mm', 'm'],
  day: ['dd', 'd'],
  hour: ['hh'],
  minute: ['mi', 'n'],
  second: ['ss', 's'],
  millisecond: ['ms'],
  microsecond: ['mcs'],
  nanosecond: ['ns'],
}

const units = new Map(
  (Object.entries(names) as [Unit, string[]][]).flatMap(([unit, short]) =>
    [unit, ...short].map((name) => [name, unit]),
  ),
)

/** How long a unit is, in nanoseconds. */
const lengths: Partial<Record<Unit, bigint>> = {
  day: 86_400_000_000_000n,
  hour: 3_600_000_000_000n,
  minute: 60_000_000_000n,
  second: 1_000_000_000n,
  millisecond: 1_000_000n,
  microsecond: 1_000n,
  nanosecond: 1n,
}

const nanosecondsPerTick = 100n

const unitOf = (part: Value): Unit | undefined => (isString(part) ? units.get(part.toLowerCase()) : undefined)
const ticks = (text: Value): bigint | undefined => (isString(text) ? ticksOf(text) : undefined)
const ticksAt = (milliseconds: number): bigint => BigInt(milliseconds) * ticksPerMillisecond
const numberOf = (value: bigint | undefined): number | undefined =>
  value === undefined ? undefined : Number(value)
function ofNow(call: (now: number) => Value): BuiltIn {
  return { arity: [0, 0], call: (_, { now }: Context) => call(now) }
}

function add(unit: Unit | undefined, count: Value, at: bigint | undefined): Value {
  if (!unit || !isNumber(count) || !Number.isInteger(count) || at === undefined) return undefined
  const length = lengths[unit]
  if (length !== undefined) return textOf(at + floorDivide(BigInt(count) * length, nanosecondsPerTick))
  return addMonths(at, unit === 'year' ? count * 12 : count)
}

/** A day that the month does not have becomes its last one. */
function addMonths(at: bigint, count: number): Value {
  const date = dateOf(at)
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + count
  const first = new Date(0)
  first.setUTCFullYear(Math.floor(months / 12), ((months % 12) + 12) % 12, 1)
  if (Number.isNaN(first.getTime())) return undefined
  const days = new Date(first)
  days.setUTCMonth(days.getUTCMonth() + 1, 0)
  const day = Math.min(date.getUTCDate(), days.getUTCDate())
  const midnight = new Date(date).setUTCHours(0, 0, 0, 0)
  return textOf(at - ticksAt(midnight) + ticksAt(first.setUTCDate(day)))
}

function bin(text: Value, part: Value, size: Value, from: Value): Value {
  const unit = unitOf(part)
  const length = unit && lengths[unit]
  const at = ticks(text)
  const start = ticks(from)
  if (length === undefined || at === undefined || start === undefined) return undefined
  if (!isNumber(size) || !Number.isInteger(size) || size <= 0 || dateOf(start).getUTCFullYear() < 1601)
    return undefined
  const width = BigInt(size) * length
  const offset = floorDivide((at - start) * nanosecondsPerTick, width) * width
  return textOf(start + floorDivide(offset, nanosecondsPerTick))
}

/** How many beginnings of a unit lie between two times. */
function difference(unit: Unit | undefined, from: bigint | undefined, to: bigint | undefined): Value {
  if (!unit || from === undefined || to === undefined) return undefined
  const length = lengths[unit]
  const count = (at: bigint) => {
    if (length !== undefined) return Number(floorDivide(at * nanosecondsPerTick, length))
    const date = dateOf(at)
    return unit === 'year' ? date.getUTCFullYear() : date.getUTCFullYear() * 12 + date.getUTCMonth()
  }
  return count(to) - count(from)
}

function partOf(unit: Unit | undefined, at: bigint | undefined): Value {
  if (!unit || at === undefined) return undefined
  const date = dateOf(at)
  const parts: Record<Unit, () => number> = {
    year: () => date.getUTCFullYear(),
    month: () => date.getUTCMonth() + 1,
    day: () => date.getUTCDate(),
    hour: () => date.getUTCHours(),
    minute: () => date.getUTCMinutes(),
    second: () => date.getUTCSeconds(),
    millisecond: () => Math.floor(fractionOf(at) / 10_000),
    microsecond: () => Math.floor(fractionOf(at) / 10),
    nanosecond: () => fractionOf(at) * 100,
  }
  return parts[unit]()
}
