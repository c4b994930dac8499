import type { OrderMessage } from '@store/contract'
import { config } from '../platform/config.ts'
import { send } from '../platform/serviceBus.ts'
import { ordersInState } from './orderStore.ts'

/** Puts the message that an order was placed on the queue. The order's id is the message's id. */
export async function publishOrder(orderId: string): Promise<void> {
  await send(config().ordersQueue, messageOf(orderId))
}

/** Messages in one send: well below the 256 KB that the broker takes. */
const batchSize = 100

const messageOf = (orderId: string) => ({
  messageId: orderId,
  subject: 'order.placed',
  contentType: 'application/json',
  body: { orderId } satisfies OrderMessage,
})

/**
 * Publishes orders that were stored but, some seconds later, have still not reached the makeline: the process may have
 * died between storing and publishing. The makeline takes a second message for the same order without effect.
 * @returns how many were published.
 */
export async function republishOrders(now = new Date()): Promise<number> {
  const before = new Date(now.getTime() - 10_000)
  const waiting = await ordersInState('placed', 500, before)
  for (let at = 0; at < waiting.length; at += batchSize)
    await send(
      config().ordersQueue,
      waiting.slice(at, at + batchSize).map(({ id }) => messageOf(id)),
    )
  return waiting.length
}
