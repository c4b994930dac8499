/**
 * Orders that were stored but of which no message tells: the process that placed them died in between, or the broker was
 * away. They are published again; the makeline takes a second message for the same order without effect.
 */
import { limits, OrderMessage } from '@store/contract'
import { placedBefore } from '../orders/findOrders.ts'
import { publishOrders } from '../orders/publishOrders.ts'
import { withReceiver } from '../platform/serviceBus.ts'
import { deadLetterQueue, failedQueue, ordersQueue, peek } from './queues.ts'

/** How long an order may be without a message, in milliseconds: whoever stores one publishes it right after. */
const patience = 10_000

/** Orders that are published again at a time. */
const most = 500

/**
 * Publishes what is missing from the queue.
 * @returns how many orders.
 * @throws {ProblemError} 503 when the database or the broker does not answer.
 */
export async function republishOrders(now = new Date()): Promise<number> {
  const before = new Date(now.getTime() - patience)
  let waiting = await placedBefore(before, most)
  if (!waiting.length) return 0
  const told = await ordersWithMessage()
  // What is missing would come after all of that queue, so it can as well be looked for when the queue is shorter.
  if (!told) return 0
  if (waiting.length === most) waiting = await placedBefore(before, most + told.size)
  const missing = waiting.filter(({ id }) => !told.has(id)).slice(0, most)
  await publishOrders(missing)
  return missing.length
}

/**
 * The ids of the orders of which a message tells that waits, is scheduled, or was dead-lettered; null when
 * more wait than a look at the queue shows.
 */
async function ordersWithMessage(): Promise<Set<string> | null> {
  const [waiting = [], ...asides] = await Promise.all(
    [ordersQueue(), deadLetterQueue(), failedQueue()].map((queue) =>
      withReceiver(queue, 'peek', (receiver) => peek(receiver)),
    ),
  )
  if (waiting.length === limits.queueDepth) return null
  const orders = [waiting, ...asides].flat().map(({ body }) => OrderMessage.safeParse(body))
  return new Set(orders.flatMap(({ data }) => (data ? [data.orderId] : [])))
}
