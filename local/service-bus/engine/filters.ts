import type { CorrelationFilter, Filter } from './description.ts'

/** The properties of a message that filters can ask for. */
export interface FilterableProperties {
  readonly correlationId?: unknown
  readonly messageId?: unknown
  readonly to?: unknown
  readonly replyTo?: unknown
  readonly subject?: unknown
  readonly sessionId?: unknown
  readonly replyToSessionId?: unknown
  readonly contentType?: unknown
  readonly applicationProperties: Readonly<Record<string, unknown>>
}

const systemProperties = [
  'correlationId',
  'messageId',
  'to',
  'replyTo',
  'subject',
  'sessionId',
  'replyToSessionId',
  'contentType',
] as const satisfies readonly (keyof CorrelationFilter & keyof FilterableProperties)[]

/** Whether a message passes a filter. Of a correlation filter every property that is set must be equal. */
export function matches(filter: Filter, properties: () => FilterableProperties): boolean {
  if (filter.kind !== 'correlation') return filter.kind === 'true'
  const message = properties()
  for (const name of systemProperties) {
    const wanted = filter[name]
    if (wanted !== undefined && !isEqual(wanted, message[name])) return false
  }
  return Object.entries(filter.applicationProperties ?? {}).every(([name, wanted]) =>
    isEqual(wanted, message.applicationProperties[name]),
  )
}

function isEqual(wanted: unknown, actual: unknown): boolean {
  if (actual === undefined || actual === null) return false
  const a = wanted instanceof Date ? wanted.getTime() : wanted
  const b = actual instanceof Date ? actual.getTime() : actual
  return a === b || (typeof a === 'string' && typeof b !== 'string' && a === String(b))
}
