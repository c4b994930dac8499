import type { HttpRequest, HttpResponseInit } from '@azure/functions'
import { NewOrder, OrderListQuery, type OrderPage, PlacingHeaders } from '@store/contract'
import { config } from '../platform/config.ts'
import { entityTag } from '../platform/etag.ts'
import { adminOnly, check, open, readBody, tagged } from '../platform/http.ts'
import { findOrder } from './findOrders.ts'
import * as listing from './listOrders.ts'
import { moveOrder } from './moveOrder.ts'
import { toWire } from './order.ts'
import { countOrder } from './orderLimit.ts'
import type { StoredOrder } from './orderStore.ts'
import * as placing from './placeOrder.ts'

/** POST /api/orders: 201 with a new order, 200 with the order that the idempotency key placed before. */
export const placeOrder = open(async (request) => {
  const { 'idempotency-key': key } = check(headersOf(request, 'idempotency-key'), PlacingHeaders)
  const basket = await readBody(request, NewOrder)
  countOrder(request.headers.get('x-forwarded-for'))
  const { customerId } = basket
  const placed = await placing.placeOrder(
    basket,
    key === undefined ? undefined : { room: 'customers', customerId, key },
  )
  return { ...answer(placed), status: placed.isNew ? 201 : 200 }
})

/** GET /api/orders/{orderId}: the customer follows an order by its id. */
export const trackOrder = open(async (request) => {
  const { order, etag } = await findOrder(request.params.orderId ?? '')
  return tagged(request, etag, toWire(order, config().currency.decimals))
})

/** POST /api/orders/{orderId}/cancel: the customer takes the order back, as long as nobody works on it. */
export const cancelOrder = open(async (request) =>
  answer(await moveOrder(request.params.orderId ?? '', 'cancelled')),
)

/** GET /api/makeline/orders */
export const listOrders = adminOnly(async (request) => {
  const { orders, continuation } = await listing.listOrders(
    check(Object.fromEntries(request.query), OrderListQuery),
  )
  return {
    jsonBody: {
      orders: orders.map((order) => toWire(order, config().currency.decimals)),
      continuation,
    } satisfies OrderPage,
  }
})

const headersOf = (request: HttpRequest, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, request.headers.get(name) ?? undefined]))

const answer = ({ order, etag }: StoredOrder): HttpResponseInit => ({
  headers: { location: `/api/orders/${order.id}`, etag: entityTag(etag) },
  jsonBody: toWire(order, config().currency.decimals),
})
