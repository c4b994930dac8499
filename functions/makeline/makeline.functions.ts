import type { InvocationContext } from '@azure/functions'
import { OrderMessage, OrderStatusChange, stateOfStatusCode } from '@store/contract'
import { findOrder, pendingOrders } from '../orders/findOrders.ts'
import { acceptOrder, moveOrder } from '../orders/moveOrder.ts'
import { toWire } from '../orders/order.ts'
import { adminOnly, readBody, tagged } from '../platform/http.ts'

/** Queue trigger: accepts a placed order into the line. A message that comes twice, or late, changes nothing. */
export async function makeOrder(message: unknown, context: InvocationContext): Promise<void> {
  const { orderId } = OrderMessage.parse(message)
  const { state } = (await acceptOrder(orderId)).order
  context.log(state === 'cancelled' ? `Order ${orderId} was cancelled` : `Order ${orderId} is in the line`)
}

/** GET /api/makeline/order/fetch */
export const fetchOrders = adminOnly(async () => ({ jsonBody: (await pendingOrders()).map(toWire) }))

/** GET /api/makeline/order/{orderId} */
export const getOrder = adminOnly(async (request) => {
  const { order, etag } = await findOrder(request.params.orderId ?? '')
  return tagged(request, etag, toWire(order))
})

/** PUT /api/makeline/order */
export const updateOrder = adminOnly(async (request) => {
  const { orderId, status } = await readBody(request, OrderStatusChange)
  await moveOrder(orderId, stateOfStatusCode[status])
  return { status: 202 }
})
