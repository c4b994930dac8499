import { BrowserTelemetry, limits } from '@store/contract'
import { callerLimit } from './callerLimit.ts'
import { readBody, untraced } from './http.ts'
import { recordBrowser } from './telemetry/start.ts'

/** A page tells something every few seconds while someone is busy on it. */
const count = callerLimit({ caller: 60, all: 3_000 }, 'reports')

/** POST /api/rum: how a page of the web apps does. Where nothing is recorded it is checked, and that is all. */
export const recordPage = untraced(async (request) => {
  const told = await readBody(request, BrowserTelemetry, limits.browserTelemetryBody)
  count(request.headers.get('x-forwarded-for'))
  recordBrowser(told)
  return { status: 204 }
})
