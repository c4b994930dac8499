/** The constraints of route templates, which take what .NET's parsers take for no culture in particular. */

/** White space that .NET passes over at both ends of a number, and a number as its `NumberStyles` allow it. */
const integer = /^[\t-\r ]*([+-]?\d+)[\t-\r ]*$/
const decimal =
  /^[\t-\r ]*(?:[+-]?(?<number>\d[\d,]*\.?\d*|\.\d+)|(?<signed>\d[\d,]*\.?\d*|\.\d+)[+-])[\t-\r ]*$/
const float = /^[\t-\r ]*(?:[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?infinity|[+-]?nan)[\t-\r ]*$/i
const guid =
  /^\s*(?:[0-9a-f]{32}|(?<open>[{(])?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?<close>[)}])?)\s*$/i

const longest = 2n ** 63n
const largestDecimal = 2n ** 96n

/**
 * What tells whether a value fits.
 * @param name in any case, of `{parameter:name(argument)}`.
 * @throws what `fault` makes, when there is no such constraint or its argument is none.
 */
export function constraint(
  name: string,
  argument: string | undefined,
  fault: (reason: string) => Error,
): (value: string) => boolean {
  const numbers = (argument ?? '').split(',').map(Number)
  const [first = Number.NaN, second = first] = numbers
  const needsNumbers = ['min', 'max', 'range', 'length', 'minlength', 'maxlength']
  if (needsNumbers.includes(name.toLowerCase()) && (!argument || numbers.some(Number.isNaN))) {
    throw fault(`constraint "${name}" needs a number`)
  }
  switch (name.toLowerCase()) {
    case 'int':
      return (value) => isInteger(value, 2n ** 31n)
    case 'long':
      return (value) => isInteger(value, longest)
    case 'bool':
      return (value) => /^\s*(true|false)\s*$/i.test(value)
    case 'decimal':
      return isDecimal
    case 'double':
    case 'float':
      return (value) => float.test(value)
    case 'guid':
      return isGuid
    case 'datetime':
      return isDate
    case 'alpha':
      return (value) => /^[a-z]*$/i.test(value)
    case 'min':
      return (value) => isInteger(value, longest) && Number(value) >= first
    case 'max':
      return (value) => isInteger(value, longest) && Number(value) <= first
    case 'range':
      return (value) => isInteger(value, longest) && Number(value) >= first && Number(value) <= second
    case 'length':
      return (value) => value.length >= first && value.length <= second
    case 'minlength':
      return (value) => value.length >= first
    case 'maxlength':
      return (value) => value.length <= first
    case 'regex': {
      const pattern = new RegExp((argument ?? '').replaceAll('{{', '{').replaceAll('}}', '}'), 'i')
      return (value) => pattern.test(value)
    }
    case 'required':
      return (value) => value !== ''
    default:
      throw fault(`there is no constraint "${name}"`)
  }
}

/** From -limit to limit - 1. */
function isInteger(text: string, limit: bigint): boolean {
  const digits = integer.exec(text)?.[1]
  if (!digits) return false
  const value = BigInt(digits.replace('+', ''))
  return value >= -limit && value < limit
}

function isDecimal(text: string): boolean {
  const { number, signed } = decimal.exec(text)?.groups ?? {}
  const digits = number ?? signed
  if (digits === undefined) return false
  return BigInt(digits.replaceAll(',', '').split('.')[0] ?? '') < largestDecimal
}

function isGuid(text: string): boolean {
  const match = guid.exec(text)
  if (!match) return false
  const { open = '', close = '' } = match.groups ?? {}
  return ['', '{}', '()'].includes(open + close)
}

const clock = /\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?: ?[AP]M)?|\d{1,2} ?[AP]M/.source
const time = `(?:[T ](?:${clock})(?: ?(?:Z|GMT|[+-]\\d{2}:?\\d{2}))?)?`
const month =
  '(?<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)'
const dates = [
  '(?<year>\\d{4})-(?<month>\\d{1,2})-(?<day>\\d{1,2})',
  '(?<month>\\d{1,2})-(?<day>\\d{1,2})-(?<year>\\d{4})',
  '(?<year>\\d{4})-(?<month>\\d{1,2})',
  `(?<day>\\d{1,2})[ -]${month}[ -](?<year>\\d{4})`,
  `${month} (?<day>\\d{1,2}),? (?<year>\\d{4})`,
  `${month} (?<year>\\d{4})`,
].map((date) => new RegExp(`^\\s*${date}${time}\\s*$`, 'i'))
const timeAlone = new RegExp(`^\\s*(?:${clock})\\s*$`, 'i')

/** A date, a time or both, in the spellings that people use. .NET reads some more. */
function isDate(text: string): boolean {
  const [, hour] = /(?:^\s*|[T ])(\d{1,2})(?=:| ?[AP]M)/i.exec(text) ?? []
  if (Number(hour ?? 0) > (/[AP]M/i.test(text) ? 12 : 23) || /:[6-9]\d/.test(text)) return false
  if (timeAlone.test(text)) return true
  for (const form of dates) {
    const parts = form.exec(text)?.groups
    if (!parts) continue
    const { year, day = '1', name } = parts
    const at = name ? monthIndex(name) : Number(parts.month) - 1
    const date = new Date(Date.UTC(Number(year), at, Number(day)))
    return date.getUTCMonth() === at && date.getUTCDate() === Number(day)
  }
  return false
}

function monthIndex(name: string): number {
  return 'janfebmaraprmayjunjulaugsepoctnovdec'.indexOf(name.slice(0, 3).toLowerCase()) / 3
}
