/** The schedule expressions of Azure. Their rules for names, ranges and steps are not those of other crons. */

const months = 'January February March April May June July August September October November December'
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'

interface Field {
  first: number
  last: number
  names: string[]
}

const fields: Field[] = [
  { first: 0, last: 59, names: [] },
  { first: 0, last: 59, names: [] },
  { first: 0, last: 23, names: [] },
  { first: 1, last: 31, names: [] },
  { first: 1, last: 12, names: months.split(' ') },
  { first: 0, last: 6, names: days.split(' ') },
]

/**
 * An NCRONTAB expression of five or six fields, written as six fields that are `*` or a list of numbers.
 * @throws {Error} saying what is no NCRONTAB.
 */
export function ncrontabInNumbers(text: string): string {
  const texts = text.trim().split(/\s+/)
  if (texts.length !== 5 && texts.length !== 6) throw new Error('it has neither five nor six fields')
  if (texts.length === 5) texts.unshift('0')
  return fields.map((field, index) => inNumbers(texts[index] ?? '', field)).join(' ')
}

function inNumbers(text: string, field: Field): string {
  const { first, last } = field
  const values = new Set<number>()
  for (const item of text.split(',')) {
    const match = /^(?:\*|(\d+|[a-z]+)(?:-(\d+|[a-z]+))?)(?:\/(\d+))?$/i.exec(item)
    if (!match) throw new Error(`"${item}" is not NCRONTAB`)
    const [, from, to, step] = match
    const start = from === undefined ? first : toNumber(from, field)
    const openEnded = from === undefined || step !== undefined
    const end = to !== undefined ? toNumber(to, field) : openEnded ? last : start
    // A range may be written backwards.
    for (let value = Math.min(start, end); value <= Math.max(start, end); value += Number(step) || 1)
      values.add(value)
  }
  return values.size > last - first ? '*' : [...values].join(',')
}

/** A name may be cut short: `Mon`, `Sept`. */
function toNumber(text: string, { first, last, names }: Field): number {
  const named = names.findIndex((name) => name.toLowerCase().startsWith(text.toLowerCase()))
  const value = named >= 0 ? named + first : Number(text)
  if (value >= first && value <= last) return value
  throw new Error(`"${text}" is not from ${first} to ${last}${names.length > 0 ? ', nor a name' : ''}`)
}
