/** What a page tells of itself as spans and events, by the conventions for HTTP clients and for browsers. */
import { type Attributes, SpanKind } from '@opentelemetry/api'
import type { BrowserSpan, BrowserTelemetry, WebVital } from '@store/contract'

/** A span that began and ended elsewhere. */
export interface RelayedSpan {
  name: string
  kind: SpanKind
  traceId: string
  spanId: string
  parentId?: string | undefined
  /** Milliseconds since the epoch, with fractions. */
  start: number
  /** Milliseconds. */
  duration: number
  attributes: Attributes
  /** Why it failed, where it did; of few values. */
  failure?: string | undefined
  /** Whether this is all of its trace, which nobody has decided to record yet. */
  isAlone: boolean
}

/** What happened at a moment, for the log. */
export interface RelayedEvent {
  name: string
  attributes: Attributes
}

/** A clock that is so far off, in milliseconds, is set wrong; less is how long the telling took. */
const wrong = 5_000

/** @param now milliseconds since the epoch. A browser whose clock is wrong is taken to have told this just now. */
export function relayed(
  { spans, vitals, sentAt }: BrowserTelemetry,
  now: number,
): { spans: RelayedSpan[]; events: RelayedEvent[] } {
  const shift = Math.abs(now - sentAt) > wrong ? now - sentAt : 0
  return { spans: spans.map((span) => spanOf(span, shift)), events: vitals.map(eventOf) }
}

function spanOf(span: BrowserSpan, shift: number): RelayedSpan {
  const { traceId, spanId, page, duration } = span
  const when = { traceId, spanId, start: span.start + shift, duration }
  if (span.type !== 'call') {
    return {
      ...when,
      name: `${span.type === 'load' ? 'page load' : 'click'} ${page}`,
      kind: SpanKind.INTERNAL,
      attributes: { 'url.template': page },
      isAlone: span.type === 'load',
    }
  }
  const { method, route, status, parentId } = span
  // As the conventions for HTTP clients have it, from 400 on.
  const failure = status === undefined ? 'no_answer' : status >= 400 ? String(status) : undefined
  return {
    ...when,
    name: `${method} ${route}`,
    kind: SpanKind.CLIENT,
    parentId,
    attributes: {
      'http.request.method': method,
      'url.template': route,
      ...(status !== undefined && { 'http.response.status_code': status }),
      'store.page': page,
    },
    failure,
    isAlone: method === 'GET',
  }
}

const eventOf = ({ name, value, delta, id, rating, page }: WebVital): RelayedEvent => ({
  name: 'browser.web_vital',
  attributes: {
    'browser.web_vital.name': name.toLowerCase(),
    'browser.web_vital.value': value,
    'browser.web_vital.delta': delta,
    'browser.web_vital.id': id,
    'browser.web_vital.rating': rating,
    'url.template': page,
  },
})
