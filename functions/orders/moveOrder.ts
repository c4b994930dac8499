import type { OrderState } from '@store/contract'
import { conflict, notFound, ProblemError } from '../platform/problem.ts'
import { findOrder } from './findOrders.ts'
import { type Order, transition } from './order.ts'
import { readOrder, replaceOrder } from './orderStore.ts'

/**
 * Moves an order to a state of its life; asking again, or late, changes nothing.
 * Two who move the same order at once are put in a row by its ETag: the second decides anew on what the first stored.
 * @throws {ProblemError} 404 unknown order; 409 its life does not lead there; 503 when the database does not answer.
 */
export async function moveOrder(orderId: string, to: OrderState): Promise<Order> {
  for (;;) {
    const stored = await readOrder(orderId)
    if (!stored) throw notFound('This order')
    const moved = transition(stored.order, to, new Date())
    if (!moved) throw conflict(`An order that is ${stored.order.state} cannot become ${to}.`)
    if (moved === stored.order || (await replaceOrder(moved, stored.etag))) return moved
  }
}

/**
 * Takes a placed order into the line. One that the customer cancelled before its message came stays as it is.
 * @throws {ProblemError} as `moveOrder`, but for 409.
 */
export async function acceptOrder(orderId: string): Promise<Order> {
  try {
    return await moveOrder(orderId, 'pending')
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 409) throw error
    return (await findOrder(orderId)).order
  }
}
