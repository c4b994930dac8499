/**
 * An order: its shape, its price and its life. Pure; time comes in as an argument.
 *
 *     placed ──► pending ──► processing ──► complete
 *        │          │  └────────────────────►
 *        └──────────┴─► cancelled
 */
import {
  fromMinor,
  nextStates,
  type OrderState,
  orderStates,
  statusCodes,
  type Order as WireOrder,
} from '@store/contract'
import { type Minor, type Product, priceInMinor } from '../products/product.ts'

export interface OrderItem {
  productId: number
  name: string
  quantity: number
  /** Price of one piece when the order was placed. */
  unitPrice: Minor
}

export interface Order {
  id: string
  /** For people to read out. */
  number: string
  customerId: string
  items: OrderItem[]
  total: Minor
  state: OrderState
  /** ISO 8601, UTC. */
  createdAt: string
  /** Every state that the order reached and when, oldest first. */
  history: Step[]
}

export interface Step {
  state: OrderState
  /** ISO 8601, UTC. */
  at: string
}

export interface Basket {
  customerId: string
  items: { productId: number; quantity: number }[]
}

/**
 * A new order of a basket at the catalogue's prices, in a currency of so many decimals, or the positions in the basket whose product does not exist.
 */
export function newOrder(
  { id, number }: Pick<Order, 'id' | 'number'>,
  basket: Basket,
  catalogue: ReadonlyMap<number, Product>,
  now: Date,
  decimals = 2,
): { order: Order } | { unknown: number[] } {
  const unknown: number[] = []
  const items = basket.items.flatMap(({ productId, quantity }, position) => {
    const product = catalogue.get(productId)
    if (!product) {
      unknown.push(position)
      return []
    }
    return [{ productId, name: product.name, quantity, unitPrice: priceInMinor(product, decimals) }]
  })
  if (unknown.length) return { unknown }
  const at = now.toISOString()
  return {
    order: {
      id,
      number,
      customerId: basket.customerId,
      items,
      total: items.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0),
      state: 'placed',
      createdAt: at,
      history: [{ state: 'placed', at }],
    },
  }
}

/** Whether an order is what placing this basket gives, whatever the catalogue said at the time. */
export function isOrderOf({ customerId, items }: Order, basket: Basket): boolean {
  return (
    customerId === basket.customerId &&
    items.length === basket.items.length &&
    items.every(({ productId, quantity }, at) => {
      const wanted = basket.items[at]
      return productId === wanted?.productId && quantity === wanted.quantity
    })
  )
}

/** The states from which one step leads to a state. */
export const statesBefore = (to: OrderState): OrderState[] =>
  orderStates.filter((from) => nextStates[from].includes(to))

/**
 * The order moved to a state: the one way in which an order changes.
 * The same order comes back when it is, or has been, in that state, so a repeated or late request changes nothing.
 * `null` means that its life does not lead there.
 */
export function transition(order: Order, to: OrderState, now: Date): Order | null {
  if (order.history.some(({ state }) => state === to)) return order
  if (!nextStates[order.state].includes(to)) return null
  return { ...order, state: to, history: [...order.history, { state: to, at: now.toISOString() }] }
}

/** The order as the wire has it: prices as decimals, the state also as the demo's number. */
export function toWire(order: Order, decimals = 2): WireOrder {
  return {
    orderId: order.id,
    number: order.number,
    customerId: order.customerId,
    items: order.items.map(({ productId, name, quantity, unitPrice }) => ({
      productId,
      name,
      quantity,
      price: fromMinor(unitPrice, decimals),
    })),
    status: statusCodes[order.state],
    state: order.state,
    total: fromMinor(order.total, decimals),
    createdAt: order.createdAt,
    history: order.history,
  }
}
