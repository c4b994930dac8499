/** What the other services may read of orders. */
import { limits } from '@store/contract'
import { notFound } from '../platform/problem.ts'
import type { Order } from './order.ts'
import { ordersInState, readOrder, type StoredOrder } from './orderStore.ts'

export { changesSince, countInState, ordersBetween, placedBefore } from './orderStore.ts'

/**
 * One order with its ETag.
 * @throws {ProblemError} 404.
 */
export async function findOrder(orderId: string): Promise<StoredOrder> {
  const stored = await readOrder(orderId)
  if (!stored) throw notFound('This order')
  return stored
}

/** The orders that wait for an employee, oldest first, as far as `limits.pendingOrders` and a budget of request units go. */
export const pendingOrders = (): Promise<Order[]> =>
  ordersInState('pending', limits.pendingOrders, requestUnits)

/** At most `limit` of the orders that wait for an employee, oldest first. */
export const oldestPending = (limit: number): Promise<Order[]> =>
  ordersInState('pending', limit, requestUnits)

/** What one look at the orders that wait may cost: a second of a database of 1,000 request units a second. */
const requestUnits = 1_000
