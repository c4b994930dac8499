/** A configuration that the broker cannot work with; the message says where and why. */
export class ConfigError extends Error {
  constructor(where: string, what: string) {
    super(`${where}: ${what}`)
    this.name = 'ConfigError'
  }
}

/** An object of the configuration, and where it stands in it. */
export interface Node {
  readonly where: string
  readonly value: Readonly<Record<string, unknown>>
}

/** The object at a place; it may have these keys only. */
export function nodeAt(value: unknown, where: string, keys: readonly string[] | undefined): Node {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(where, 'an object is expected')
  }
  for (const key of Object.keys(value)) {
    if (keys === undefined || keys.includes(key)) continue
    const near = keys.find((known) => known.toLowerCase() === key.toLowerCase())
    const hint = near === undefined ? `there are: ${keys.join(', ')}` : `it is written ${near}`
    throw new ConfigError(`${where}.${key}`, `there is no such property (${hint})`)
  }
  return { where, value: value as Record<string, unknown> }
}

/** An object in another; an empty one when it is left out. */
export function child({ where, value }: Node, key: string, keys?: readonly string[]): Node {
  return nodeAt(value[key] ?? {}, `${where}.${key}`, keys)
}

/** The objects of a list; none when it is left out. */
export function children({ where, value }: Node, key: string, keys: readonly string[]): Node[] {
  const list = value[key] ?? []
  if (!Array.isArray(list)) throw new ConfigError(`${where}.${key}`, 'a list is expected')
  return list.map((item, i) => nodeAt(item, `${where}.${key}[${i}]`, keys))
}

export function has({ value }: Node, key: string): boolean {
  return value[key] !== undefined && value[key] !== null
}

/** A text; an empty one counts as left out, as in the emulator's own file. */
export function text({ where, value }: Node, key: string): string | undefined {
  const found = value[key]
  if (found === undefined || found === null || found === '') return undefined
  if (typeof found !== 'string') throw new ConfigError(`${where}.${key}`, 'a text is expected')
  return found
}

/** One of a few texts. */
export function oneOf<T extends string>(node: Node, key: string, choices: readonly T[]): T | undefined {
  const found = text(node, key)
  if (found === undefined) return undefined
  const choice = choices.find((each) => each.toLowerCase() === found.toLowerCase())
  if (choice !== undefined) return choice
  throw new ConfigError(`${node.where}.${key}`, `one of ${choices.join(', ')} is expected, not '${found}'`)
}

export function flag({ where, value }: Node, key: string, otherwise = false): boolean {
  const found = value[key] ?? otherwise
  if (typeof found !== 'boolean') throw new ConfigError(`${where}.${key}`, 'true or false is expected')
  return found
}

/** Refuses what the broker does not do. */
export function never(node: Node, key: string, why: string): void {
  if (flag(node, key)) throw new ConfigError(`${node.where}.${key}`, `${why}: leave it out, or say false`)
}

/** A whole number of at least 1. */
export function count(node: Node, key: string, most = Number.MAX_SAFE_INTEGER): number | undefined {
  const found = node.value[key]
  if (found === undefined || found === null) return undefined
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 1) {
    throw new ConfigError(`${node.where}.${key}`, 'a whole number of at least 1 is expected')
  }
  if (found > most) throw new ConfigError(`${node.where}.${key}`, `at most ${most} is expected, not ${found}`)
  return found
}

export interface DurationLimits {
  readonly least?: string
  readonly most?: string
}

/** Milliseconds, from an ISO 8601 duration. */
export function duration(node: Node, key: string, { least, most }: DurationLimits = {}): number | undefined {
  const found = text(node, key)
  if (found === undefined) return undefined
  const where = `${node.where}.${key}`
  const milliseconds = parseDuration(found)
  if (milliseconds === undefined || milliseconds <= 0) {
    throw new ConfigError(where, `an ISO 8601 duration such as PT1M is expected, not '${found}'`)
  }
  if (least !== undefined && milliseconds < (parseDuration(least) ?? 0)) {
    throw new ConfigError(where, `at least ${least} is expected, not ${found}`)
  }
  if (most !== undefined && milliseconds > (parseDuration(most) ?? 0)) {
    throw new ConfigError(where, `at most ${most} is expected, not ${found}`)
  }
  return milliseconds
}

/**
 * The milliseconds of an ISO 8601 duration; a year is 365 days and a month 30, as .NET reads it. .NET's longest time span
 * stands for "for ever".
 */
export function parseDuration(iso: string): number | undefined {
  const pattern =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
  const match = pattern.exec(iso)
  if (match === null || iso === 'P' || iso.endsWith('T')) return undefined
  const parts = match.slice(1).map((part) => Number(part ?? 0))
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
  const allDays = years * 365 + months * 30 + weeks * 7 + days
  if (allDays >= longestDays) return Number.POSITIVE_INFINITY
  return (((allDays * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}

const longestDays = 10_675_199
