/** How long a provider asks to be left alone. */

/** Seconds until a provider wants to be asked again, by any of the headers that providers use; undefined without one. */
export function secondsToWait(headers: Headers, now = Date.now()): number | undefined {
  const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(milliseconds)) return milliseconds / 1000
  const value = headers.get('retry-after')
  if (value === null) return undefined
  const seconds = value.trim() ? Number(value) : Number.NaN
  if (Number.isFinite(seconds)) return Math.max(seconds, 0)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max((date - now) / 1000, 0)
}

/**
 * A `fetch` for the SDK, which waits however long it is told to and then tries again: where that is longer than `most`
 * seconds, it is told not to try, and whoever asked hears at once that the provider is busy.
 */
export const fetchWithShortWaits =
  (most: number): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init)
    if (response.ok || (secondsToWait(response.headers) ?? 0) <= most) return response
    const { status, statusText } = response
    const headers = new Headers(response.headers)
    headers.set('x-should-retry', 'false')
    return new Response(response.body, { status, statusText, headers })
  }
