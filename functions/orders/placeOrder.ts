import { v7 as uuidv7 } from 'uuid'
import { invalid } from '../platform/problem.ts'
import { productsByIds } from '../products/catalogue.ts'
import { type Basket, newOrder } from './order.ts'
import { insertOrder, type StoredOrder } from './orderStore.ts'
import { publishOrder } from './publishOrder.ts'

/**
 * Places an order: prices it from the catalogue, stores it, then tells the makeline.
 * Once stored the order is accepted: if the queue does not take the message, the republisher sends it later.
 * @throws {ProblemError} 400 naming the items whose product does not exist; 503 when the database does not answer.
 */
export async function placeOrder(basket: Basket, now = new Date()): Promise<StoredOrder> {
  const catalogue = await productsByIds(basket.items.map(({ productId }) => productId))
  // UUIDv7: ordered by time, and with 74 random bits nobody guesses a stranger's.
  const placed = newOrder(uuidv7(), basket, catalogue, now)
  if ('unknown' in placed) {
    const errors = placed.unknown.map((at) => ({
      pointer: `/items/${at}/productId`,
      detail: 'is not in the catalogue',
    }))
    throw invalid('The order names a product that does not exist.', errors)
  }
  const stored = await insertOrder(placed.order)
  await publishOrder(placed.order.id).catch((error: unknown) => {
    console.warn(`Order ${placed.order.id} waits for the republisher: ${(error as Error).message}`)
  })
  return stored
}
