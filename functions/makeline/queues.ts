import type { PeekMessagesOptions, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus'
import { limits, type QueueDepth } from '@store/contract'
import Long from 'long'
import { config } from '../platform/config.ts'
import { withReceiver } from '../platform/serviceBus.ts'

/** Placed orders that wait to be made, one message an order. */
export const ordersQueue = (): string => config().ordersQueue

/**
 * Where messages go that could not be processed, with the reason, for an employee to decide. A queue beside `orders`
 * and not its dead-letter sub-queue, because a function in Node cannot send a message there: it can only fail until the
 * delivery count is used up, and then the reason is lost. See docs/orders.md.
 */
export const failedQueue = (): string => `${config().ordersQueue}-failed`

/** What the broker itself gave up on; `collectDeadLetters` moves it to the failed queue. */
export const deadLetterQueue = (): string => `${config().ordersQueue}/$DeadLetterQueue`

/**
 * How many messages wait, each number up to `limits.queueDepth`.
 * Counted by peeking: the broker's own counts are to be had with the right to manage the namespace only, and this app
 * has no use for that right otherwise.
 */
export async function queueDepth(): Promise<QueueDepth> {
  const [orders, failed, dead] = await Promise.all([
    look(ordersQueue(), true),
    look(failedQueue()),
    look(deadLetterQueue(), true),
  ])
  const scheduled = orders.filter(({ state }) => state === 'scheduled').length
  return { active: orders.length - scheduled, scheduled, deadLettered: failed.length + dead.length }
}

const looks = new Map<string, Promise<ServiceBusReceivedMessage[]>>()

/**
 * The oldest messages of a queue, at most `limits.queueDepth`, without taking any. Those who look at a queue at once, as
 * the makeline page does for its figures and its list, share one look. The SDK keeps the links that it looks through.
 * @param withoutBodies who only counts need not have the broker send what is in them.
 */
export function look(queue: string, withoutBodies = false): Promise<ServiceBusReceivedMessage[]> {
  const kind = `${queue} ${withoutBodies}`
  const shared = looks.get(kind)
  if (shared) return shared
  const own = withReceiver(queue, 'peek', (receiver) => peek(receiver, withoutBodies)).finally(() =>
    looks.delete(kind),
  )
  looks.set(kind, own)
  return own
}

/** The SDK knows this option, and passes it on to the service; its types do not show it yet. */
type Peek = PeekMessagesOptions & { omitMessageBody: boolean }

/** One look through a receiver. */
export async function peek(
  receiver: ServiceBusReceiver,
  withoutBodies = false,
): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = []
  // Left alone, the SDK goes on where whoever peeked last in this process stopped.
  let next = Long.ZERO
  while (messages.length < limits.queueDepth) {
    const options: Peek = { fromSequenceNumber: next, omitMessageBody: withoutBodies }
    const page = await receiver.peekMessages(Math.min(250, limits.queueDepth - messages.length), options)
    const last = page.at(-1)?.sequenceNumber
    if (!last) break
    messages.push(...page)
    next = last.add(1)
  }
  return messages
}
