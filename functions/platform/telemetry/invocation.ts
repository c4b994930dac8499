/** An invocation of a function as a span, by the conventions for HTTP servers and for functions as a service (FaaS). */
import type { HttpRequest, InvocationContext } from '@azure/functions'
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
} from '@opentelemetry/api'
import { config } from '../config.ts'
import {
  coldStarts,
  consumedMessages,
  initDuration,
  processDuration,
  requestDuration,
} from './instruments.ts'
import { queueAttributes, queueLabels } from './messagingSpans.ts'
import { contextOf, errorType, inSpan, markFailed, type SpanDetails, strangersContext } from './tracing.ts'

const invocationKey = createContextKey('store.invocation')

/** The invocation that this work belongs to; undefined outside of one. */
export const currentInvocation = (): InvocationContext | undefined =>
  context.active().getValue(invocationKey) as InvocationContext | undefined

let isFirst = true

/** Seconds from the start of the process until its code was loaded; what comes after is waiting for someone to call. */
const initialised = performance.now() / 1_000

/** What is known of any invocation. The first one of a process is its cold start. */
export function faasAttributes(invocation: InvocationContext, trigger: string): Attributes {
  const coldStart = isFirst
  isFirst = false
  if (coldStart) {
    const labels = { 'faas.trigger': trigger }
    coldStarts(labels)
    initDuration(initialised, labels)
  }
  return {
    'faas.trigger': trigger,
    'faas.name': invocation.functionName,
    'faas.invocation.id': invocation.invocationId,
    'faas.coldstart': coldStart,
  }
}

/** The host's own span of an invocation, where it exports one. */
export function hostContext(invocation: InvocationContext): Context | undefined {
  return config().telemetry?.hostExports ? contextOf(invocation.traceContext?.traceParent) : undefined
}

/** The outermost span stands for the invocation, unless the host exports one that does. */
const outermost = () => (config().telemetry?.hostExports ? SpanKind.INTERNAL : SpanKind.SERVER)

function asInvocation<T>(
  name: string,
  invocation: InvocationContext,
  details: SpanDetails,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = (details.parent ?? ROOT_CONTEXT).setValue(invocationKey, invocation)
  return inSpan(name, { kind: outermost(), ...details, parent }, work)
}

/** Answers a request as a span of its caller's trace, or of a new one. What it answers decides whether it failed. */
export function inRequest<T extends { status?: number }>(
  request: HttpRequest,
  invocation: InvocationContext,
  answer: () => Promise<T>,
): Promise<T> {
  const route = routeOf(invocation)
  const method = request.method.toUpperCase()
  const path = pathOf(route, request.params)
  const scheme = request.url.startsWith('https:') ? 'https' : 'http'
  const begin = performance.now()
  return asInvocation(
    `${method} ${route}`,
    invocation,
    {
      // The host's span is a child of the caller's already.
      parent: hostContext(invocation) ?? strangersContext(request.headers.get('traceparent')),
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'url.scheme': scheme,
        ...(path && { 'url.path': path }),
        ...faasAttributes(invocation, 'http'),
      },
    },
    async (span) => {
      const answered = await answer()
      const status = answered.status ?? 200
      span.setAttribute('http.response.status_code', status)
      if (status >= 500) markFailed(span, String(status))
      requestDuration((performance.now() - begin) / 1_000, {
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
        'url.scheme': scheme,
        ...(status >= 500 && { 'error.type': String(status) }),
      })
      return answered
    },
  )
}

/** Runs what a timer starts as a trace of its own. */
export const inTimer = <T>(invocation: InvocationContext, work: () => Promise<T>): Promise<T> =>
  asInvocation(
    invocation.functionName,
    invocation,
    { parent: hostContext(invocation), attributes: faasAttributes(invocation, 'timer') },
    work,
  )

/** A message that a function was called for. */
export interface ReceivedMessage {
  queue: string
  id?: string | undefined
  /** The trace that it carries. */
  traceparent: string | undefined
  /** How often the broker handed it out. */
  deliveryCount?: number | undefined
  /** Whether the work belongs to the trace of the message, or begins one. */
  joins: boolean
}

/**
 * Processes a message: in its trace or, where it only triggers, in a new one; linked to the message either way.
 * @param work is handed the span, and what says that the work failed although it throws nothing.
 */
export function inMessage<T>(
  message: ReceivedMessage,
  invocation: InvocationContext,
  work: (span: Span, failed: (error: unknown) => void) => Promise<T>,
): Promise<T> {
  const creation = contextOf(message.traceparent)
  const begin = performance.now()
  let fault: string | undefined
  consumedMessages(queueLabels(message.queue, 'process'))
  return asInvocation(
    `process ${message.queue}`,
    invocation,
    {
      kind: SpanKind.CONSUMER,
      parent: message.joins ? creation : undefined,
      links: [creation, hostContext(invocation)],
      attributes: {
        ...queueAttributes(message.queue, 'process', 'process'),
        ...(message.id === undefined ? {} : { 'messaging.message.id': message.id.slice(0, 128) }),
        ...(message.deliveryCount === undefined
          ? {}
          : { 'azure.servicebus.message.delivery_count': message.deliveryCount }),
        ...faasAttributes(invocation, 'pubsub'),
      },
    },
    async (span) => {
      const failed = (error: unknown) => {
        fault = errorType(error)
        markFailed(span, fault)
      }
      try {
        return await work(span, failed)
      } catch (error) {
        failed(error)
        throw error
      } finally {
        processDuration((performance.now() - begin) / 1_000, queueLabels(message.queue, 'process', fault))
      }
    },
  )
}

function routeOf({ options, functionName }: InvocationContext): string {
  const { route } = options.trigger as { route?: unknown }
  return `/api/${typeof route === 'string' ? route : functionName}`
}

/**
 * The path that was asked for, of a route that the app has: what a caller writes where an id belongs is not kept unless
 * it looks like one, and a query never is.
 */
function pathOf(route: string, params: Record<string, string>): string | undefined {
  if (route.includes('{*')) return undefined
  return route.replace(/\{(\w+)\}/g, (all, name) =>
    /^[\w-]{1,80}(\.\w{1,5})?$/.test(params[name] ?? '') ? (params[name] ?? all) : all,
  )
}
