/**
 * The browser's telemetry, as much of it as the first load has: a click that changes something begins a trace, which its
 * calls carry to the API (W3C Trace Context). The rest is `report.ts`, which comes when the page is loaded, and only where
 * the API says, in an answer that the page asks for anyhow, that it takes telemetry.
 */

/** Times are those of `performance.now()`. */
export interface Click {
  traceId: string
  spanId: string
  at: number
}

export interface ApiCall {
  method: string
  address: string
  begin: number
  end: number
  /** Of the answer; 0 where none came. */
  status: number
  /** Of a change, which carried these ids to the API. */
  trace?: { traceId: string; spanId: string }
  /** What asked for it. */
  click?: Click | undefined
}

type Fetch = typeof globalThis.fetch

/** Milliseconds from a click to the change that it asks for: a sign-in may be renewed in between. */
const clickLasts = 10_000

const taken = Promise.withResolvers<void>()

/** Settles when an answer says that the API takes telemetry. */
export const isTaken = taken.promise

/** The changes, and the calls that failed, which nobody was told of yet. */
export const seen: { calls: ApiCall[]; onCall?: () => void } = { calls: [] }

let latest: Click | undefined

/** A `fetch` whose calls are seen; the same one where the visitor declines that (Do Not Track, Global Privacy Control). */
export function watched(fetch: Fetch): Fetch {
  const { doNotTrack, globalPrivacyControl } = navigator as Navigator & { globalPrivacyControl?: boolean }
  if (doNotTrack === '1' || globalPrivacyControl) return fetch
  globalThis.addEventListener?.(
    'click',
    ({ timeStamp }) => {
      latest = { ...newTrace(), at: timeStamp }
    },
    true,
  )

  return async (input, init = {}) => {
    const { method = 'GET' } = init
    const call: ApiCall = { method, address: String(input), begin: performance.now(), end: 0, status: 0 }
    let headers = init.headers
    if (method !== 'GET') {
      call.click = latest && call.begin - latest.at < clickLasts ? latest : undefined
      const { traceId, spanId } = newTrace()
      call.trace = { traceId: call.click?.traceId ?? traceId, spanId }
      headers = { ...(headers as object), traceparent: `00-${call.trace.traceId}-${spanId}-01` }
    }
    let recorded: string | undefined
    try {
      const response = await fetch(input, { ...init, ...(headers && { headers }) })
      call.status = response.status
      recorded = /traceparent;desc="00-.{50}(..)"/.exec(response.headers.get('server-timing') ?? '')?.[1]
      if (recorded) taken.resolve()
      return response
    } catch (error) {
      // Given up by the page itself.
      if (init.signal?.aborted) recorded = '00'
      throw error
    } finally {
      call.end = performance.now()
      const isTold = (call.trace || !call.status || call.status >= 400) && recorded !== '00'
      if (isTold && seen.calls.length < 20) seen.calls.push(call)
      seen.onCall?.()
    }
  }
}

/** The ids of a new trace and of its first span, as W3C Trace Context has them. */
export const newTrace = () => ({ traceId: hex(16), spanId: hex(8) })

const hex = (bytes: number) =>
  [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
