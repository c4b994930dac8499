/**
 * Traces by OpenTelemetry's API: which chain of work this is, and the spans that it is made of. The W3C header
 * `traceparent` comes in with a request, goes out with its answer and with each message, and so ties the makeline's work
 * to the customer's click.
 *
 * Without an exporter spans are nothing but their ids, passed on from step to step: the SDK is never loaded then.
 */
import { randomBytes } from 'node:crypto'
import {
  type Attributes,
  type Context,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { parseTraceParent, suppressTracing } from '@opentelemetry/core'
import { ProblemError } from '../problem.ts'
import { fromStranger } from './stranger.ts'

/** A new trace is marked as recorded: a sampler that follows its parent would drop every trace that begins here otherwise. */
const passOn = (from: Context, kind: SpanKind = SpanKind.INTERNAL) => {
  const parent = trace.getSpanContext(from)
  // What no other process hears of needs no id of its own.
  if (parent && (kind === SpanKind.CLIENT || kind === SpanKind.INTERNAL)) return trace.wrapSpanContext(parent)
  const { traceId, traceFlags } = parent ?? {
    traceId: randomBytes(16).toString('hex'),
    traceFlags: TraceFlags.SAMPLED,
  }
  return trace.wrapSpanContext({ traceId, traceFlags, spanId: randomBytes(8).toString('hex') })
}

const passingOn: TracerProvider = {
  getTracer: () =>
    ({ startSpan: (_name, options, from = context.active()) => passOn(from, options?.kind) }) as Pick<
      Tracer,
      'startSpan'
    > as Tracer,
}

let tracer: Tracer

/** Has spans recorded by a provider; without one they are passed on only. The last call counts. */
export function recordBy(provider: TracerProvider = passingOn): void {
  context.disable()
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.disable()
  trace.setGlobalTracerProvider(provider)
  tracer = trace.getTracer('store')
}
recordBy()

export interface SpanDetails {
  kind?: SpanKind
  attributes?: Attributes
  /** Spans of other traces, or of this one, that this work comes from beside its parent. */
  links?: (Context | undefined)[]
  /** The context that it is a step of, if not the one that the caller works in. */
  parent?: Context | undefined
  /** When it began, if not now; of `now()`. */
  begin?: number
}

/** Milliseconds since the epoch, with fractions, by the clock that spans begin and end by. */
export const now = (): number => performance.timeOrigin + performance.now()

/** Begins a span; who begins it ends it. */
export function beginSpan(name: string, details: SpanDetails = {}): Span {
  const { kind, attributes, links, parent = context.active(), begin } = details
  const options: SpanOptions = {}
  if (kind !== undefined) options.kind = kind
  if (links?.length) options.links = links.map(linkTo).filter((link) => link !== undefined)
  if (begin !== undefined) options.startTime = begin
  const span = tracer.startSpan(name, options, parent)
  // Not with the options: the SDK checks and copies those twice, for a sampler that might look at them.
  if (attributes && span.isRecording()) span.setAttributes(attributes)
  return span
}

/** Runs work as a span, which ends with it; one that throws has failed. */
export async function inSpan<T>(
  name: string,
  details: SpanDetails,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = details.parent ?? context.active()
  const span = beginSpan(name, details)
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span))
  } catch (error) {
    markFailed(span, errorType(error))
    throw error
  } finally {
    span.end()
  }
}

/** Says that what a span tells of failed, and by what kind of error; messages of errors may quote a customer's data. */
export function markFailed(span: Span, type: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** What kind an error is: its status or code where it has one, else its class. */
export function errorType(error: unknown): string {
  if (error instanceof ProblemError) return String(error.status)
  const { code, status, name } = (error ?? {}) as { code?: unknown; status?: unknown; name?: unknown }
  if (typeof status === 'number') return String(status)
  if (typeof code === 'number' || (typeof code === 'string' && /^\w{1,50}$/.test(code))) return String(code)
  return typeof name === 'string' && /^\w{1,50}$/.test(name) ? name : '_OTHER'
}

/** Runs work of which no span is recorded. */
export const outsideOfTraces = <T>(work: () => T): T => context.with(suppressTracing(ROOT_CONTEXT), work)

/** The `traceparent` of a context, by default of the work under way; undefined outside of a trace. */
export function traceparent(of: Context = context.active()): string | undefined {
  const span = trace.getSpanContext(of)
  return span && `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`
}

/** The context that a `traceparent` names; undefined where it is none. `tracestate` is not passed on: anything may be in it. */
export function contextOf(traceparent: unknown, base = ROOT_CONTEXT): Context | undefined {
  const parsed = typeof traceparent === 'string' ? parseTraceParent(traceparent) : null
  return parsed ? trace.setSpanContext(base, { ...parsed, isRemote: true }) : undefined
}

/** Whether two contexts are of one trace. */
export const isSameTrace = (one: Context, other: Context): boolean =>
  trace.getSpanContext(one)?.traceId === trace.getSpanContext(other)?.traceId

const linkTo = (to: Context | undefined): Link | undefined => {
  const span = to && trace.getSpanContext(to)
  return span && { context: span }
}

/** Says that a span has to do with another context. */
export function link(span: Span, to: Context): void {
  const made = linkTo(to)
  if (made) span.addLink(made)
}

/** The context that a caller whom nobody knows claims to work in. */
export const strangersContext = (traceparent: unknown): Context | undefined =>
  contextOf(traceparent, fromStranger)
