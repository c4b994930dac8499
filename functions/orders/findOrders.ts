/** What the other services may read of orders. */
import { limits } from '@store/contract'
import { notFound } from '../platform/problem.ts'
import type { Order } from './order.ts'
import { ordersInState, readOrder, type StoredOrder } from './orderStore.ts'

export { changesSince, ordersBetween, placedBefore } from './orderStore.ts'

/**
 * One order with its ETag.
 * @throws {ProblemError} 404.
 */
export async function findOrder(orderId: string): Promise<StoredOrder> {
  const stored = await readOrder(orderId)
  if (!stored) throw notFound('This order')
  return stored
}

/** The orders that wait for an employee, oldest first; at most `limits.pendingOrders`. */
export const pendingOrders = (): Promise<Order[]> => ordersInState('pending', limits.pendingOrders)

/** The orders that someone works on, oldest first; at most 1,000 at a time. */
export const processingOrders = (): Promise<Order[]> => ordersInState('processing', 1_000)
