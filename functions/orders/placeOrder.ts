import { config } from '../platform/config.ts'
import { invalid, ProblemError } from '../platform/problem.ts'
import { log } from '../platform/telemetry/log.ts'
import { traceparent } from '../platform/telemetry/tracing.ts'
import { productsByIds } from '../products/catalogue.ts'
import { type Basket, isOrderOf, newOrder } from './order.ts'
import { type IdempotencyKey, newOrderId, orderIdOfKey } from './orderId.ts'
import { countStep } from './orderMetrics.ts'
import { newOrderNumber } from './orderNumber.ts'
import { insertOrder, readOrder, type StoredOrder } from './orderStore.ts'
import { publishOrder } from './publishOrders.ts'
import { orderIdSecret } from './secretStore.ts'

export interface Placed extends StoredOrder {
  /** False when the idempotency key had placed this order before. */
  isNew: boolean
}

/**
 * Places an order: prices it from the catalogue, stores it, then tells the makeline.
 * Once stored the order is accepted: if the queue does not take the message, the republisher sends it later.
 *
 * With an idempotency key the order's id follows from the key, so that the one write that stores the order also
 * settles who came first: whoever repeats the key, at once or later, or after a crash, meets the same order.
 * @throws {ProblemError} 400 naming the items whose product does not exist; 422 when the key placed another order;
 *   503 when the database does not answer.
 */
export async function placeOrder(basket: Basket, key?: IdempotencyKey, now = new Date()): Promise<Placed> {
  const id = key === undefined ? newOrderId() : orderIdOfKey(key, await orderIdSecret())
  const catalogue = await productsByIds(basket.items.map(({ productId }) => productId))
  const named = { id, number: newOrderNumber() }
  const placed = newOrder(named, basket, catalogue, now, config().currency.decimals)
  if ('unknown' in placed) {
    // The order may be an old one whose product has left the catalogue since.
    const earlier = key === undefined ? null : await readOrder(id)
    if (earlier) return repeated(earlier, basket)
    const errors = placed.unknown.map((at) => ({
      pointer: `/items/${at}/productId`,
      detail: 'is not in the catalogue',
    }))
    throw invalid('The order names a product that does not exist.', errors)
  }
  const stored = await insertOrder(placed.order, traceparent())
  if (!stored) {
    const earlier = await readOrder(id)
    if (!earlier) throw new Error(`Order ${id} exists and cannot be read`)
    return repeated(earlier, basket)
  }
  countStep(stored.order, 'placed')
  await publishOrder(id).catch((error: unknown) => {
    log.warn(`Order ${id} waits for the republisher: ${(error as Error).message}`)
  })
  return { ...stored, isNew: true }
}

function repeated(earlier: StoredOrder, basket: Basket): Placed {
  if (isOrderOf(earlier.order, basket)) return { ...earlier, isNew: false }
  throw new ProblemError(422, 'This Idempotency-Key has placed another order.')
}
