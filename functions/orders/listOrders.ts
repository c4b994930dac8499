import type { OrderListQuery } from '@store/contract'
import * as z from 'zod'
import { invalid } from '../platform/problem.ts'
import type { Order } from './order.ts'
import { newestOrders } from './orderStore.ts'

/** Where a page ended: the time of its last order, and the orders of that very time that were shown already. */
const Position = z.object({ at: z.iso.datetime(), seen: z.array(z.uuid()).max(100) })
type Position = z.infer<typeof Position>

/**
 * A page of orders, the newest first. `continuation` is a place in time and not in a result, so orders that are placed
 * while someone turns the pages move nothing, and a page costs the same however far back it is.
 * @throws {ProblemError} 400 when the continuation is none that this gave out.
 */
export async function listOrders(
  query: z.output<typeof OrderListQuery>,
): Promise<{ orders: Order[]; continuation: string | null }> {
  const { state, customerId, number, from, to, limit } = query
  const position = query.continuation === undefined ? null : read(query.continuation)
  const seen = new Set(position?.seen)
  const range = { state, customerId, number, from, before: to, until: position?.at }
  const newest = await newestOrders(range, limit + 1 + seen.size)
  const unseen = newest.filter(({ id }) => !seen.has(id))
  const orders = unseen.slice(0, limit)
  const last = orders.at(-1)
  if (!last || unseen.length <= limit) return { orders, continuation: null }
  const shown = orders.filter(({ createdAt }) => createdAt === last.createdAt).map(({ id }) => id)
  const earlier = position?.at === last.createdAt ? position.seen : []
  return { orders, continuation: write({ at: last.createdAt, seen: [...earlier, ...shown] }) }
}

const write = (position: Position) => Buffer.from(JSON.stringify(position)).toString('base64url')

function read(continuation: string): Position {
  try {
    return Position.parse(JSON.parse(Buffer.from(continuation, 'base64url').toString()))
  } catch {
    throw invalid('The continuation is not one of ours.', [
      { pointer: '/continuation', detail: 'must be what the page before answered' },
    ])
  }
}
