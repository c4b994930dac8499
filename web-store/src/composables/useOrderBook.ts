import type { Order } from '@store/contract'
import { type OrderState, orderStates } from '@store/contract/status'
import { defineStore } from 'pinia'
import { useStored } from './useStored.ts'

/** What this device remembers of an order it placed; the API knows the rest. */
export interface KnownOrder {
  orderId: string
  number: string
  createdAt: string
  total: number
  pieces: number
  state: OrderState
}

const most = 100

/** The orders placed from this device, the newest first. */
export const useOrderBook = defineStore('orderBook', () => {
  const orders = useStored('orders', readOrders)

  /** Notes an order that was placed here. */
  function remember(order: Order) {
    orders.value = [
      summaryOf(order),
      ...orders.value.filter(({ orderId }) => orderId !== order.orderId),
    ].slice(0, most)
  }

  /** Takes up news of an order, if it is one of this device's: a stranger's order that is looked at is not kept. */
  function update(order: Order) {
    const known = orders.value.find(({ orderId }) => orderId === order.orderId)
    if (!known || known.state === order.state) return
    orders.value = orders.value.map((entry) => (entry === known ? summaryOf(order) : entry))
  }

  return { orders, remember, update }
})

function summaryOf({ orderId, number, createdAt, total, items, state }: Order): KnownOrder {
  const pieces = items.reduce((sum, item) => sum + item.quantity, 0)
  return { orderId, number, createdAt, total, pieces, state }
}

function readOrders(stored: unknown): KnownOrder[] {
  if (!Array.isArray(stored)) return []
  return stored
    .filter(
      (entry): entry is KnownOrder =>
        entry instanceof Object &&
        typeof entry.orderId === 'string' &&
        !Number.isNaN(Date.parse(entry.createdAt)) &&
        Number.isFinite(entry.total) &&
        Number.isInteger(entry.pieces) &&
        orderStates.includes(entry.state),
    )
    .map(withNumber)
    .slice(0, most)
}

/** An order of before there were numbers goes by its id, as the API has it. */
const withNumber = (order: KnownOrder): KnownOrder => ({ ...order, number: order.number ?? order.orderId })
