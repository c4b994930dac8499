/** How long a simulated employee works on an order. Pure: it follows from the order. */
import type { Order } from '../orders/order.ts'

/** Seconds that an order takes: a start, some for each piece, and a part that differs from order to order. */
export function secondsToMake({ id, items }: Pick<Order, 'id' | 'items'>): number {
  const pieces = items.reduce((sum, { quantity }) => sum + quantity, 0)
  const differing = [...id].reduce((hash, character) => (hash * 31 + character.charCodeAt(0)) % 997, 7) % 30
  return 15 + 5 * Math.min(pieces, 20) + differing
}
