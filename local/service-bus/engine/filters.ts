import { type Scope, test } from '../sql/evaluate.ts'
import { parseFilter } from '../sql/parser.ts'
import type { Predicate, PropertyName } from '../sql/syntax.ts'
import { checkReadable } from '../sql/systemProperties.ts'
import type { CorrelationFilter, Filter, SqlExpression, SqlFilter } from './description.ts'
import { compare, isText, type TypedValue, textOf } from './value.ts'

/** The properties of a message that filters can ask for. */
export interface FilterableProperties {
  /** By the names that SQL knows them by, in lower case, such as `label`. */
  readonly system: Readonly<Record<string, TypedValue | undefined>>
  readonly applicationProperties: Readonly<Record<string, TypedValue>>
}

export const noProperties: FilterableProperties = { system: {}, applicationProperties: {} }

const systemProperties = [
  ['correlationId', 'correlationid'],
  ['messageId', 'messageid'],
  ['to', 'to'],
  ['replyTo', 'replyto'],
  ['subject', 'label'],
  ['sessionId', 'sessionid'],
  ['replyToSessionId', 'replytosessionid'],
  ['contentType', 'contenttype'],
] as const satisfies readonly (readonly [keyof CorrelationFilter, string])[]

/**
 * Whether a message passes a filter. Of a correlation filter every property that is set must be equal. Throws
 * `SqlEvaluationError` when an SQL filter cannot be evaluated for the message.
 */
export function matches(filter: Filter, properties: () => FilterableProperties): boolean {
  if (filter.kind === 'sql') return test(predicateOf(filter), scopeOf(filter, properties)) === true
  if (filter.kind !== 'correlation') return filter.kind === 'true'
  const message = properties()
  for (const [name, systemName] of systemProperties) {
    const wanted = filter[name]
    if (wanted === undefined) continue
    const actual = message.system[systemName]
    if (actual === undefined || textOf(actual) !== wanted) return false
  }
  return Object.entries(filter.applicationProperties ?? {}).every(([name, wanted]) =>
    isEqual(wanted, message.applicationProperties[name]),
  )
}

function isEqual(wanted: TypedValue, actual: TypedValue | undefined): boolean {
  if (actual === undefined || actual.type === 'null') return false
  return (
    compare(wanted, actual) === 0 || (isText(wanted) && !isText(actual) && wanted.value === textOf(actual))
  )
}

const predicates = new WeakMap<SqlFilter, Predicate>()

/** The filter's expression is read once. */
function predicateOf(filter: SqlFilter): Predicate {
  let predicate = predicates.get(filter)
  if (predicate === undefined) {
    predicate = parseFilter(filter.expression)
    predicates.set(filter, predicate)
  }
  return predicate
}

/** What an expression sees of a message. Names of properties are compared case-insensitively. */
export function scopeOf({ parameters }: SqlExpression, properties: () => FilterableProperties): Scope {
  return {
    property: (name) => property(properties(), name),
    parameter: (name) => caseInsensitive(parameters ?? {}, name),
  }
}

function property(properties: FilterableProperties, { scope, name }: PropertyName): TypedValue | undefined {
  if (scope === 'user') return caseInsensitive(properties.applicationProperties, name)
  const value = properties.system[checkReadable(name)]
  return value?.type === 'null' ? undefined : value
}

function caseInsensitive(values: Readonly<Record<string, TypedValue>>, name: string): TypedValue | undefined {
  if (Object.hasOwn(values, name)) return values[name]
  const lower = name.toLowerCase()
  const found = Object.keys(values).find((candidate) => candidate.toLowerCase() === lower)
  return found === undefined ? undefined : values[found]
}
