/**
 * The trace of an order: that of the click which placed it, kept with the order. Whoever moves the order later, an
 * employee or its customer, does so in a request with a trace of its own; the step itself is recorded in the order's, so
 * that one trace tells its whole life. The two are linked both ways.
 */
import { type Context, context, type Span, trace } from '@opentelemetry/api'
import type { OrderState } from '@store/contract'
import { beginSpan, contextOf, isSameTrace, link, now } from '../platform/telemetry/tracing.ts'

export interface RecordedStep {
  /** The context of the step, once the database has answered the order: then it is known which trace it belongs to. */
  contextOf(document: { id?: unknown; traceparent?: unknown }): Context
  end(): void
}

/** Begins the span of a step; it exists once `contextOf` was asked, and never when the step was not taken. */
export function beginStep(state: OrderState): RecordedStep {
  const begin = now()
  const active = context.active()
  let span: Span | undefined
  return {
    contextOf({ id, traceparent }) {
      const order = contextOf(traceparent) ?? active
      const elsewhere = !isSameTrace(order, active)
      const parent = elsewhere ? order : active
      span = beginSpan(`order ${state}`, {
        attributes: { 'store.order.id': String(id), 'store.order.state': state },
        links: elsewhere ? [active] : [],
        parent,
        begin,
      })
      const asked = trace.getSpan(active)
      if (elsewhere && asked) link(asked, order)
      return trace.setSpan(parent, span)
    },
    end: () => span?.end(now()),
  }
}
