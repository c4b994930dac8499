import type { InvocationContext, Timer } from '@azure/functions'
import { NewOrder } from '@store/contract'
import { entityTag } from '../platform/etag.ts'
import { open, readBody, tagged } from '../platform/http.ts'
import { findOrder } from './findOrders.ts'
import { toWire } from './order.ts'
import * as placing from './placeOrder.ts'
import * as publishing from './publishOrder.ts'

/** POST /api/orders */
export const placeOrder = open(async (request) => {
  const basket = await readBody(request, NewOrder)
  const { order, etag } = await placing.placeOrder(basket)
  return {
    status: 201,
    headers: { location: `/api/orders/${order.id}`, etag: entityTag(etag) },
    jsonBody: toWire(order),
  }
})

/** GET /api/orders/{orderId}: the customer follows an order by its id. */
export const trackOrder = open(async (request) => {
  const { order, etag } = await findOrder(request.params.orderId ?? '')
  return tagged(request, etag, toWire(order))
})

/** Timer: orders that were stored but never published. */
export async function republishOrders(_timer: Timer, context: InvocationContext): Promise<void> {
  const count = await publishing.republishOrders()
  if (count) context.log(`Published ${count} waiting orders again`)
}
