import type { OrderMessage } from '@store/contract'
import { config } from '../platform/config.ts'
import { send, sendTogether } from '../platform/serviceBus.ts'
import type { Placed } from './orderStore.ts'

/** Messages in one send: well below the 256 KB that the broker takes. */
const batchSize = 100

/**
 * Puts a message on the queue that an order was just placed, in the trace that this work belongs to; otherwise as
 * `publishOrders`.
 */
export const publishOrder = (id: string): Promise<void> =>
  sendTogether(config().ordersQueue, messageOf({ id }))

/**
 * Puts a message on the queue for each order, that it was placed. The order's id is the message's id. A message carries
 * the trace of its order, or else the trace that this work belongs to.
 * @throws {ProblemError} 503 when the broker does not take them.
 */
export async function publishOrders(orders: readonly Placed[]): Promise<void> {
  for (let at = 0; at < orders.length; at += batchSize)
    await send(config().ordersQueue, orders.slice(at, at + batchSize).map(messageOf))
}

const messageOf = ({ id, traceparent }: Placed) => ({
  messageId: id,
  subject: 'order.placed',
  contentType: 'application/json',
  body: { orderId: id } satisfies OrderMessage,
  ...(traceparent && { applicationProperties: { traceparent } }),
})
