import type { OrderMessage } from '@store/contract'
import { config } from '../platform/config.ts'
import { send } from '../platform/serviceBus.ts'
import { ordersInState } from './orderStore.ts'

/** Puts the message that an order was placed on the queue. The order's id is the message's id. */
export async function publishOrder(orderId: string): Promise<void> {
  const body: OrderMessage = { orderId }
  await send(config().ordersQueue, {
    messageId: orderId,
    subject: 'order.placed',
    contentType: 'application/json',
    body,
  })
}

/**
 * Publishes orders that were stored but, some seconds later, have still not reached the makeline: the process may have
 * died between storing and publishing. The makeline takes a second message for the same order without effect.
 * @returns how many were published.
 */
export async function republishOrders(now = new Date()): Promise<number> {
  const before = new Date(now.getTime() - 10_000)
  const waiting = await ordersInState('placed', 500, before)
  for (const { id } of waiting) await publishOrder(id)
  return waiting.length
}
