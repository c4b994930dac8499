/**
 * What a web app tells of its own performance (real user monitoring). Nothing in it names a person or a thing that one
 * looked at: addresses are patterns (`/order/:id`), and ids are those of traces, made anew for each click.
 */
import * as z from 'zod'

const traceId = z.string().regex(/^(?!0{32})[0-9a-f]{32}$/)
const spanId = z.string().regex(/^(?!0{16})[0-9a-f]{16}$/)
/** The path of a page as its router has it. */
const page = z
  .string()
  .max(60)
  .regex(/^\/((:[a-zA-Z]+|[a-z-]+)(\/(:[a-zA-Z]+|[a-z-]+))*)?$/)
/** Milliseconds since the epoch, by the browser's clock. */
const time = z.number().min(0).max(8.64e15)
const milliseconds = z.number().min(0).max(3_600_000)

const span = { traceId, spanId, page, start: time, duration: milliseconds }

/** A page from the visitor's asking for it until it is loaded. */
const PageLoad = z.strictObject({ type: z.literal('load'), ...span })

/** What a visitor clicked on, until what the click asked of the API is answered. */
const Click = z.strictObject({ type: z.literal('click'), ...span })

/** A call of the API: each that changes something, which is a step of its click, and others only where they failed. */
const Call = z.strictObject({
  type: z.literal('call'),
  ...span,
  /** The span of the click. */
  parentId: spanId.optional(),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  /** A route of the API, with `{}` where a parameter is. */
  route: z
    .string()
    .max(100)
    .regex(/^\/api(\/([a-z-]+|\{\}))*$/),
  /** Of the answer; absent where none came. */
  status: z.int().min(100).max(599).optional(),
})

/** A measure of how a page feels, by the name that the web-vitals library has for it. Milliseconds, but for CLS. */
const WebVital = z.strictObject({
  name: z.enum(['CLS', 'FCP', 'INP', 'LCP', 'TTFB']),
  value: milliseconds,
  /** What it grew by since it was last told: CLS and INP are told again as they grow. */
  delta: milliseconds,
  /** Of one measure of one page's load, made anew for each: by it what is told again is told apart. */
  id: z.string().regex(/^v\d{1,2}-\d{13}-\d{13}$/),
  rating: z.enum(['good', 'needs-improvement', 'poor']),
  page,
})

export const BrowserTelemetry = z.strictObject({
  app: z.enum(['web-store', 'web-admin']),
  /** What the browser's clock said as it sent this. */
  sentAt: time,
  spans: z.array(z.discriminatedUnion('type', [PageLoad, Click, Call])).max(40),
  vitals: z.array(WebVital).max(20),
})
export type BrowserTelemetry = z.infer<typeof BrowserTelemetry>
export type BrowserSpan = BrowserTelemetry['spans'][number]
export type WebVital = BrowserTelemetry['vitals'][number]
