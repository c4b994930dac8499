import type { InvocationContext, Timer } from '@azure/functions'
import { OrderStatusChange, stateAskedFor } from '@store/contract'
import { findOrder, pendingOrders } from '../orders/findOrders.ts'
import { moveOrder } from '../orders/moveOrder.ts'
import { toWire } from '../orders/order.ts'
import { config } from '../platform/config.ts'
import { adminOnly, readBody, tagged } from '../platform/http.ts'
import { inMessage, inTimer } from '../platform/telemetry/invocation.ts'
import { traceparent } from '../platform/telemetry/tracing.ts'
import * as deadLetters from './deadLetters.ts'
import { type Delivery, deliveriesOf, deliveryOf } from './delivery.ts'
import { makeOrder, type Outcome } from './makeOrder.ts'
import { countRetry } from './messageMetrics.ts'
import { deadLetterQueue, ordersQueue, queueDepth } from './queues.ts'
import * as republishing from './republishOrders.ts'

/**
 * Queue trigger: accepts a batch of placed orders into the line, all at once. A message that comes twice, or late,
 * changes nothing. What becomes of a message that fails is settled for it alone; only when the broker takes no copy of
 * one does the batch fail, and is delivered again.
 */
export async function makeOrders(messages: unknown, context: InvocationContext): Promise<void> {
  const outcomes = await Promise.allSettled(
    deliveriesOf(messages as unknown[], context).map((delivery) =>
      inMessage(receivedFrom(ordersQueue(), delivery), context, async (span, failed) => {
        const outcome = await makeOrder(delivery)
        span.setAttribute('store.message.outcome', outcome.result)
        if (outcome.result === 'retried') {
          failed(outcome.error)
          countRetry()
        }
        if (outcome.result === 'rejected') failed({ code: outcome.reason })
        report(delivery, outcome, context)
      }),
    ),
  )
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
}

/** The work on a message belongs to the trace of the click that it comes from. */
const receivedFrom = (queue: string, { messageId, traceparent, deliveryCount }: Delivery) => ({
  queue,
  id: messageId,
  traceparent,
  deliveryCount,
  joins: true,
})

function report({ messageId }: Delivery, outcome: Outcome, context: InvocationContext): void {
  const trace = `(trace ${traceparent()})`
  if (outcome.result === 'made') context.log(`Order ${outcome.orderId} is ${outcome.state} ${trace}`)
  if (outcome.result === 'retried')
    context.warn(`Message ${messageId}: again in ${Math.round(outcome.seconds)} s ${trace}`, outcome.error)
  if (outcome.result === 'rejected')
    context.error(`Message ${messageId} is given up: ${outcome.description} ${trace}`)
}

/** Queue trigger of the broker's own dead-letter queue: what an employee is to see stands in one place. */
export async function collectDeadLetters(message: unknown, context: InvocationContext): Promise<void> {
  const delivery = deliveryOf(message, context)
  await inMessage(receivedFrom(deadLetterQueue(), delivery), context, () =>
    deadLetters.reject(
      delivery,
      delivery.deadLetterReason ?? 'Unknown',
      delivery.deadLetterErrorDescription ?? 'The broker gave up on this message.',
    ),
  )
}

/** Timer: orders that were stored but of which no message tells. */
export async function republishOrders(_timer: Timer, context: InvocationContext): Promise<void> {
  await inTimer(context, async () => {
    const count = await republishing.republishOrders()
    if (count) context.log(`Published ${count} waiting orders again`)
  })
}

/** GET /api/makeline/order/fetch */
export const fetchOrders = adminOnly(async () => ({
  jsonBody: (await pendingOrders()).map((order) => toWire(order, config().currency.decimals)),
}))

/** GET /api/makeline/order/{orderId} */
export const getOrder = adminOnly(async (request) => {
  const { order, etag } = await findOrder(request.params.orderId ?? '')
  return tagged(request, etag, toWire(order, config().currency.decimals))
})

/** PUT /api/makeline/order */
export const updateOrder = adminOnly(async (request) => {
  const change = await readBody(request, OrderStatusChange)
  await moveOrder(change.orderId, stateAskedFor(change))
  return { status: 202 }
})

/** GET /api/makeline/queue */
export const getQueueDepth = adminOnly(async () => ({ jsonBody: await queueDepth() }))

/** GET /api/makeline/dead-letters */
export const listDeadLetters = adminOnly(async () => ({
  jsonBody: { deadLetters: await deadLetters.listDeadLetters() },
}))

/** GET /api/makeline/dead-letters/{sequenceNumber} */
export const getDeadLetter = adminOnly(async (request) => ({
  jsonBody: await deadLetters.readDeadLetter(request.params.sequenceNumber ?? ''),
}))

/** POST /api/makeline/dead-letters/{sequenceNumber}/resubmit */
export const resubmitDeadLetter = adminOnly(async (request) => {
  await deadLetters.resubmit(request.params.sequenceNumber ?? '')
  return { status: 202 }
})

/** DELETE /api/makeline/dead-letters/{sequenceNumber} */
export const discardDeadLetter = adminOnly(async (request) => {
  await deadLetters.discard(request.params.sequenceNumber ?? '')
  return { status: 204 }
})
