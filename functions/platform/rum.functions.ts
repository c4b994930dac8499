import { BrowserTelemetry, limits } from '@store/contract'
import { callerLimit } from './callerLimit.ts'
import { readBody, untraced } from './http.ts'
import { recordBrowser } from './telemetry/start.ts'

/** A page tells something every few seconds while someone is busy on it. */
const countReport = callerLimit({ caller: 60, all: 3_000 }, 'reports')

/** A page load is some six of these, an order two. Each is stored for money where telemetry goes. */
const countItems = callerLimit({ caller: 600, all: 6_000 }, 'spans and vitals')

/** POST /api/rum: how a page of the web apps does. Where nothing is recorded it is checked, and that is all. */
export const recordPage = untraced(async (request) => {
  const caller = request.headers.get('x-forwarded-for')
  // Before it is read: what is no report costs its sender as much.
  countReport(caller)
  const told = await readBody(request, BrowserTelemetry, limits.browserTelemetryBody)
  countItems(caller, told.spans.length + told.vitals.length)
  recordBrowser(told)
  return { status: 204 }
})
