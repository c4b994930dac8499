/** The simulated customer and employee at work, through the same use cases that people's requests go through. */
import { pendingOrders, processingOrders } from '../orders/findOrders.ts'
import { moveOrder } from '../orders/moveOrder.ts'
import { placeOrder } from '../orders/placeOrder.ts'
import { allProducts } from '../products/catalogue.ts'
import { atEach, type Outcome } from './pace.ts'
import { eventsOfTick } from './schedule.ts'
import { basketOf } from './virtualCustomer.ts'
import { isMade } from './virtualWorker.ts'

/**
 * Places the orders of one minute, spread over it. The number of the event is the idempotency key, so a tick that
 * comes twice places nothing twice.
 */
export async function placeOrdersOfTick(now: Date, perHour: number, wait?: Wait): Promise<Outcome> {
  const productIds = (await allProducts()).map(({ id }) => id)
  if (!productIds.length) return { done: 0, failed: [] }
  const place = ({ number }: { number: number }) =>
    placeOrder(basketOf(number, productIds), `simulation-${perHour}-${number}`)
  return atEach(eventsOfTick(now, perHour), place, wait)
}

/**
 * Works for one minute: finishes the orders that are ready by now, then takes on waiting ones, the oldest first, spread
 * over the minute and as many as the rate has. What is being worked on, and since when, stands in the orders themselves.
 */
export async function workOneTick(
  now: Date,
  perHour: number,
  wait?: Wait,
): Promise<{ made: Outcome; begun: Outcome }> {
  const ready = (await processingOrders()).filter((order) => isMade(order, now))
  const made = await atEach(
    ready.map((_, number) => ({ number, at: 0 })),
    ({ number }) => move(ready[number]?.id, 'complete'),
  )
  const events = eventsOfTick(now, perHour)
  const waiting = events.length ? await pendingOrders() : []
  const begun = await atEach(
    events.slice(0, waiting.length).map(({ at }, number) => ({ number, at })),
    ({ number }) => move(waiting[number]?.id, 'processing'),
    wait,
  )
  return { made, begun }
}

type Wait = Parameters<typeof atEach>[2]

const move = async (id: string | undefined, to: 'processing' | 'complete') => id && (await moveOrder(id, to))
