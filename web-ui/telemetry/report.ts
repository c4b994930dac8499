/** Tells the API how the page does: its load, its web vitals, its failed calls, and the clicks that began a trace. */
import type { BrowserSpan, BrowserTelemetry, WebVital } from '@store/contract'
import { routePattern } from '@store/contract/route-pattern'
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import { type ApiCall, newTrace, seen } from './apiCalls.ts'

/** Milliseconds from a call's end until it is told of: what follows at once goes along. */
const soon = 2_000

/** Spans that are told of together at the most. */
const many = 20

/** @param pageOf the pattern of the page at a path. */
export function startReporting(app: BrowserTelemetry['app'], pageOf: (path: string) => string): void {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  const opened = pageOf(new URL(navigation?.name ?? location.href).pathname)
  let spans: BrowserSpan[] = []
  let vitals: WebVital[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const toldClicks = new WeakSet<object>()

  const send = () => {
    clearTimeout(timer)
    timer = undefined
    if (!spans.length && !vitals.length) return
    const told: BrowserTelemetry = { app, sentAt: epoch(performance.now()), spans, vitals }
    spans = []
    vitals = []
    navigator.sendBeacon('/api/rum', new Blob([JSON.stringify(told)], { type: 'application/json' }))
  }

  const tell = (call: ApiCall) => {
    const page = pageOf(location.pathname)
    const { click } = call
    if (click && !toldClicks.has(click)) {
      toldClicks.add(click)
      const { traceId, spanId, at } = click
      spans.push({ type: 'click', traceId, spanId, page, ...span(at, call.end) })
    }
    spans.push({
      type: 'call',
      ...(call.trace ?? newTrace()),
      ...(click && { parentId: click.spanId }),
      page,
      ...span(call.begin, call.end),
      method: call.method as 'GET',
      route: routePattern(new URL(call.address, location.origin).pathname),
      ...(call.status && { status: call.status }),
    })
  }

  seen.onCall = () => {
    for (const call of seen.calls.splice(0)) {
      tell(call)
      if (spans.length >= many) send()
    }
    if (spans.length) timer ??= setTimeout(send, soon)
  }

  const note = ({ name, value, delta, id, rating }: Metric) => {
    vitals.push({ name, value: rounded(value), delta: rounded(delta), id, rating, page: opened })
  }
  for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(note)
  if (navigation?.loadEventEnd)
    spans.push({ type: 'load', ...newTrace(), page: opened, ...span(0, navigation.loadEventEnd) })
  seen.onCall()

  // Some browsers know the one, some the other where a page is left for good. The vitals are noted before.
  addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && send())
  addEventListener('pagehide', send)
}

/** To a microsecond, and no longer than the API takes: a laptop may sleep in the middle of a measure. */
const rounded = (milliseconds: number) =>
  Math.min(Math.max(0, Math.round(milliseconds * 1000) / 1000), 3_600_000)

const epoch = (time: number) => Math.round((performance.timeOrigin + time) * 1000) / 1000

const span = (begin: number, end: number) => ({
  start: epoch(begin),
  duration: rounded(end - begin),
})
