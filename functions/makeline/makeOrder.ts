/**
 * What the makeline does with a message: accepts the order, or decides what is to become of a message that failed.
 * Nothing is lost whenever the process dies: a message is completed only after its copy is in the broker, so the worst
 * is a second message for the same order, which changes nothing.
 */
import { OrderMessage, type OrderState } from '@store/contract'
import { acceptOrder } from '../orders/moveOrder.ts'
import { ProblemError } from '../platform/problem.ts'
import { send } from '../platform/serviceBus.ts'
import { reject } from './deadLetters.ts'
import type { Delivery } from './delivery.ts'
import { ordersQueue } from './queues.ts'

export type Outcome =
  | { result: 'made'; orderId: string; state: OrderState }
  | { result: 'retried'; seconds: number; error: unknown }
  | { result: 'rejected'; reason: string; description: string }

/** Tries before a message is given up: with the delays between them, a quarter of an hour. */
export const mostAttempts = 10

/** Seconds until the next try: 2, 4, 8 … up to five minutes, spread by a fifth so that they do not come back as one. */
export const retryDelay = (attempt: number, random = Math.random()): number =>
  Math.min(2 ** attempt, 300) * (0.8 + 0.4 * random)

/** @throws {ProblemError} 503 when the broker takes no copy; then the message itself is to be delivered again. */
export async function makeOrder(delivery: Delivery): Promise<Outcome> {
  const message = OrderMessage.safeParse(delivery.body)
  if (!message.success) return give(delivery, 'InvalidMessage', 'The body does not name an order.')
  const { orderId } = message.data
  try {
    const { order } = await acceptOrder(orderId)
    return { result: 'made', orderId, state: order.state }
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404)
      return give(delivery, 'OrderNotFound', `There is no order ${orderId}.`)
    if (delivery.attempt >= mostAttempts)
      return give(
        delivery,
        'RetriesExhausted',
        `Failed ${delivery.attempt} times: ${(error as Error).message}`,
      )
    const seconds = retryDelay(delivery.attempt)
    await send(ordersQueue(), {
      messageId: delivery.messageId,
      contentType: 'application/json',
      body: message.data,
      scheduledEnqueueTimeUtc: new Date(Date.now() + seconds * 1000),
      applicationProperties: { attempt: delivery.attempt + 1, enqueuedat: delivery.enqueuedAt },
    })
    return { result: 'retried', seconds, error }
  }
}

async function give(delivery: Delivery, reason: string, description: string): Promise<Outcome> {
  await reject(delivery, reason, description)
  return { result: 'rejected', reason, description }
}
