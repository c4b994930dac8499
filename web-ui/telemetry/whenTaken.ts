import type { BrowserTelemetry } from '@store/contract'
import type { Router } from 'vue-router'
import { isTaken } from './apiCalls.ts'

/** Has an app report its telemetry from when it is loaded, has nothing else to do, and knows that the API takes it. */
export async function reportTelemetry(app: BrowserTelemetry['app'], router: Router): Promise<void> {
  const loaded = new Promise<unknown>((resolve) => addEventListener('load', resolve, { once: true }))
  await Promise.all([isTaken, loaded])
  await new Promise((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(resolve))
  // Without it the page is whole: a file that a newer release took away is no loss here.
  const report = await import('./report.ts').catch(() => undefined)
  report?.startReporting(app, (path) => patternOf(router.resolve(path).matched.at(-1)?.path))
}

/** A route's path without what its parameters have to look like. */
const patternOf = (path = '/') => path.replace(/\(.*?\)[*+?]?/g, '')
