/** What Cosmos DB's SDK throws, told apart. */

/** Status code of an error that Cosmos DB answered; undefined for anything else. */
export function cosmosStatus(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'number' ? code : undefined
}

/** Statuses below 500 by which the database says that it may succeed later: too slow, moved, throttled, in use. */
const passing = new Set([408, 410, 429, 449])

/** Whether the operation failed for the database's sake: it is away, silent, throttles, or does not let this app in. */
export function isDependencyFault(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  if (typeof code === 'number') return code >= 500 || passing.has(code)
  return (
    (typeof code === 'string' && /^E[A-Z_]+$|^REST_|TIMEOUT/i.test(code)) ||
    /Timeout|Abort|RestError|FetchError|Credential|Authentication/.test(String(name))
  )
}
