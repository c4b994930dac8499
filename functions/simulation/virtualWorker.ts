/** How long a simulated employee works on an order. Pure: it follows from the order and its history. */
import type { Order } from '../orders/order.ts'

/** Seconds that an order takes: a start, some for each piece, and a part that differs from order to order. */
export function secondsToMake({ id, items }: Pick<Order, 'id' | 'items'>): number {
  const pieces = items.reduce((sum, { quantity }) => sum + quantity, 0)
  const differing = [...id].reduce((hash, character) => (hash * 31 + character.charCodeAt(0)) % 997, 7) % 30
  return 15 + 5 * Math.min(pieces, 20) + differing
}

/** Whether an order that someone works on is ready by now. */
export function isMade(order: Order, now: Date): boolean {
  const started = order.history.find(({ state }) => state === 'processing')
  return started !== undefined && now.getTime() >= Date.parse(started.at) + secondsToMake(order) * 1000
}
