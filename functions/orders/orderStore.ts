/** Orders in Cosmos DB: container `orders`, a partition an order, so a read by id is a point read of 1 RU. */
import type { OrderState } from '@store/contract'
import { container, cosmosStatus, onCosmos } from '../platform/cosmos.ts'
import type { Order } from './order.ts'

/** An order with the ETag it was read at. */
export interface StoredOrder {
  order: Order
  etag: string
}

/** Stores a new order. */
export async function insertOrder(order: Order): Promise<StoredOrder> {
  const orders = await container('orders')
  const { resource } = await onCosmos(() => orders.items.create<Order>(order))
  return stored(resource)
}

/** One order, or null. */
export async function readOrder(id: string): Promise<StoredOrder | null> {
  const orders = await container('orders')
  const { resource } = await onCosmos(() => orders.item(id, id).read<Order>())
  return resource ? stored(resource) : null
}

/** Stores a changed order unless someone changed it since it was read: then null, and nothing is stored. */
export async function replaceOrder(order: Order, etag: string): Promise<StoredOrder | null> {
  const orders = await container('orders')
  try {
    const { resource } = await onCosmos(() =>
      orders
        .item(order.id, order.id)
        .replace<Order>(order, { accessCondition: { type: 'IfMatch', condition: etag } }),
    )
    return stored(resource)
  } catch (error) {
    if (cosmosStatus(error) === 412) return null
    throw error
  }
}

/** The oldest orders in a state, at most `limit`; with `before`, only those placed earlier than that time. */
export async function ordersInState(state: OrderState, limit: number, before?: Date): Promise<Order[]> {
  const orders = await container('orders')
  const query = {
    query: `SELECT TOP @limit * FROM c WHERE c.state = @state ${before ? 'AND c.createdAt < @before' : ''} ORDER BY c.createdAt`,
    parameters: [
      { name: '@limit', value: limit },
      { name: '@state', value: state },
      ...(before ? [{ name: '@before', value: before.toISOString() }] : []),
    ],
  }
  const { resources } = await onCosmos(() => orders.items.query(query).fetchAll())
  return resources.map(toOrder)
}

type Document = Order & { _etag?: string }

function stored(document: Document | undefined): StoredOrder {
  if (!document?._etag) throw new Error('Cosmos DB answered without the document')
  return { order: toOrder(document), etag: document._etag }
}

/** The document without what Cosmos DB adds to it. */
function toOrder({ id, customerId, items, total, state, createdAt, history }: Document): Order {
  return { id, customerId, items, total, state, createdAt, history }
}
