import { setTimeout as delay } from 'node:timers/promises'
import type { OrderState } from '@store/contract'
import { conflict, notFound, ProblemError, unavailable } from '../platform/problem.ts'
import { findOrder } from './findOrders.ts'
import { statesBefore, transition } from './order.ts'
import { countStep } from './orderMetrics.ts'
import { advanceOrder, readOrder, type StoredOrder } from './orderStore.ts'

/**
 * Moves an order to a state of its life; asking again, or late, changes nothing.
 * The database takes the step only from a state that leads there, so of two who move the same order at once, one is
 * told no and decides anew on what the other stored. The common case costs one write and no read.
 * @throws {ProblemError} 404 unknown order; 409 its life does not lead there; 503 when the database does not answer, or
 *   others are always faster.
 */
export async function moveOrder(orderId: string, to: OrderState): Promise<StoredOrder> {
  const begin = performance.now()
  for (
    let attempt = 1;
    attempt <= most.attempts && performance.now() - begin < most.milliseconds;
    attempt++
  ) {
    if (attempt > 1) await delay(Math.random() * 2 ** attempt * 10)
    const now = new Date()
    const moved = await advanceOrder(orderId, statesBefore(to), { state: to, at: now.toISOString() })
    if (moved === 'absent') throw notFound('This order')
    if (moved !== 'elsewhere') {
      countStep(moved.order, to)
      return moved
    }
    const stored = await readOrder(orderId)
    // A replica that does not know the order yet, or an order that took a step in between: ask again.
    if (!stored) continue
    const after = transition(stored.order, to, now)
    if (!after) throw conflict(`An order that is ${stored.order.state} cannot become ${to}.`)
    if (after === stored.order) return stored
  }
  throw unavailable('This order', new Error(`It kept changing, and could not become ${to}`))
}

/**
 * How often, and until when, one step is tried. An attempt that begins in time is two operations on the database, so
 * with a last read a message of the makeline is done with well before the minute for which the queue locks it.
 */
const most = { attempts: 6, milliseconds: 10_000 }

/**
 * Takes a placed order into the line. One that the customer cancelled before its message came stays as it is.
 * @throws {ProblemError} as `moveOrder`, but for 409.
 */
export async function acceptOrder(orderId: string): Promise<StoredOrder> {
  try {
    return await moveOrder(orderId, 'pending')
  } catch (error) {
    if (error instanceof ProblemError && error.status === 409) return await findOrder(orderId)
    throw error
  }
}
