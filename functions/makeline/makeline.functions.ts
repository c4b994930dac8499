import type { InvocationContext } from '@azure/functions'
import { OrderStatusChange, stateOfStatusCode } from '@store/contract'
import { findOrder, pendingOrders } from '../orders/findOrders.ts'
import { moveOrder } from '../orders/moveOrder.ts'
import { toWire } from '../orders/order.ts'
import { adminOnly, readBody, tagged } from '../platform/http.ts'
import { inTrace, traceparent } from '../platform/trace.ts'
import * as deadLetters from './deadLetters.ts'
import { type Delivery, makeOrder as make } from './makeOrder.ts'
import { queueDepth } from './queues.ts'

/** Queue trigger: accepts a placed order into the line. A message that comes twice, or late, changes nothing. */
export async function makeOrder(message: unknown, context: InvocationContext): Promise<void> {
  const delivery = deliveryOf(message, context)
  await inTrace([delivery.traceparent, context.traceContext?.traceParent], async () => {
    const outcome = await make(delivery)
    const trace = `(trace ${traceparent()})`
    if (outcome.result === 'made') context.log(`Order ${outcome.orderId} is ${outcome.state} ${trace}`)
    if (outcome.result === 'retried')
      context.warn(
        `Message ${delivery.messageId}: again in ${Math.round(outcome.seconds)} s ${trace}`,
        outcome.error,
      )
    if (outcome.result === 'rejected')
      context.error(`Message ${delivery.messageId} is given up: ${outcome.description} ${trace}`)
  })
}

/** Queue trigger of the broker's own dead-letter queue: what an employee is to see stands in one place. */
export async function collectDeadLetters(message: unknown, context: InvocationContext): Promise<void> {
  const delivery = deliveryOf(message, context)
  await deadLetters.reject(
    delivery,
    delivery.deadLetterReason ?? 'Unknown',
    delivery.deadLetterErrorDescription ?? 'The broker gave up on this message.',
  )
}

/** GET /api/makeline/order/fetch */
export const fetchOrders = adminOnly(async () => ({ jsonBody: (await pendingOrders()).map(toWire) }))

/** GET /api/makeline/order/{orderId} */
export const getOrder = adminOnly(async (request) => {
  const { order, etag } = await findOrder(request.params.orderId ?? '')
  return tagged(request, etag, toWire(order))
})

/** PUT /api/makeline/order */
export const updateOrder = adminOnly(async (request) => {
  const { orderId, status } = await readBody(request, OrderStatusChange)
  await moveOrder(orderId, stateOfStatusCode[status])
  return { status: 202 }
})

/** GET /api/makeline/queue */
export const getQueueDepth = adminOnly(async () => ({ jsonBody: await queueDepth() }))

/** GET /api/makeline/dead-letters */
export const listDeadLetters = adminOnly(async () => ({
  jsonBody: { deadLetters: await deadLetters.listDeadLetters() },
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

interface Metadata {
  messageId?: string
  deliveryCount?: number
  enqueuedTimeUtc?: string
  deadLetterReason?: string
  deadLetterErrorDescription?: string
  applicationProperties?: {
    attempt?: number
    enqueuedat?: string
    traceparent?: string
    deadLetterReason?: string
    deadLetterErrorDescription?: string
  }
}

/** The host hands out a message in two parts, and writes every name of the second with a small first letter. */
function deliveryOf(body: unknown, { triggerMetadata, invocationId }: InvocationContext) {
  const metadata = (triggerMetadata ?? {}) as Metadata
  const { applicationProperties: properties = {} } = metadata
  return {
    body,
    messageId: metadata.messageId ?? invocationId,
    attempt: Number(properties.attempt ?? 1),
    deliveryCount: metadata.deliveryCount ?? 1,
    enqueuedAt: properties.enqueuedat ?? new Date(metadata.enqueuedTimeUtc ?? Date.now()).toISOString(),
    traceparent: properties.traceparent,
    deadLetterReason: properties.deadLetterReason ?? metadata.deadLetterReason,
    deadLetterErrorDescription: properties.deadLetterErrorDescription ?? metadata.deadLetterErrorDescription,
  } satisfies Delivery & Record<string, unknown>
}
