/**
 * What the figures are made of: an hour's orders, counted. Pure; an hour counted twice is the same hour.
 * An hour is written as the first instant of it, ISO 8601 in UTC, and an order belongs to the hour it was placed in.
 */
import { type AnalyticsSummary, fromMinor, type OrderState, orderStates } from '@store/contract'
import type { Order } from '../orders/order.ts'
import type { Minor } from '../products/product.ts'

export interface HourAggregate {
  hour: string
  byState: Record<OrderState, number>
  /** Orders that were not cancelled, and what they bring in. */
  orders: number
  revenue: Minor
  /** By product number. */
  products: Record<string, { name: string; quantity: number; revenue: Minor }>
  completed: number
  /** Sum over the completed orders, from placed to complete. */
  millisecondsToComplete: number
}

const hourLength = 3_600_000

/** The hour that a time lies in. */
export const hourOf = (time: string | number): string =>
  new Date(Math.floor(new Date(time).getTime() / hourLength) * hourLength).toISOString()

/** The hour after an hour. */
export const hourAfter = (hour: string): string => hourOf(new Date(hour).getTime() + hourLength)

const none = () => Object.fromEntries(orderStates.map((state) => [state, 0])) as Record<OrderState, number>

/** Counts the orders of an hour. */
export async function countHour(
  hour: string,
  orders: Iterable<Order> | AsyncIterable<Order>,
): Promise<HourAggregate> {
  const sum: HourAggregate = {
    hour,
    byState: none(),
    orders: 0,
    revenue: 0,
    products: {},
    completed: 0,
    millisecondsToComplete: 0,
  }
  for await (const { state, total, items, createdAt, history } of orders) {
    sum.byState[state]++
    if (state === 'cancelled') continue
    sum.orders++
    sum.revenue += total
    for (const { productId, name, quantity, unitPrice } of items)
      add(sum.products, productId, { name, quantity, revenue: quantity * unitPrice })
    const complete = history.find((step) => step.state === 'complete')
    if (!complete) continue
    sum.completed++
    sum.millisecondsToComplete += Date.parse(complete.at) - Date.parse(createdAt)
  }
  return sum
}

function add(
  products: HourAggregate['products'],
  productId: number | string,
  { name, quantity, revenue }: HourAggregate['products'][string],
) {
  const sold = products[productId]
  products[productId] = {
    name,
    quantity: (sold?.quantity ?? 0) + quantity,
    revenue: (sold?.revenue ?? 0) + revenue,
  }
}

/** The figures of a range of hours, `to` exclusive, in a currency of so many decimals; `most` is how many products to name. */
export function summarize(
  from: string,
  to: string,
  hours: HourAggregate[],
  decimals = 2,
  most = 10,
): AnalyticsSummary {
  const ordered = hours.toSorted((a, b) => (a.hour < b.hour ? -1 : 1))
  const ordersByStatus = none()
  const products: HourAggregate['products'] = {}
  let [orders, revenue, completed, milliseconds] = [0, 0, 0, 0]
  for (const hour of ordered) {
    for (const state of orderStates) ordersByStatus[state] += hour.byState[state]
    for (const [productId, sold] of Object.entries(hour.products)) add(products, productId, sold)
    orders += hour.orders
    revenue += hour.revenue
    completed += hour.completed
    milliseconds += hour.millisecondsToComplete
  }
  return {
    from,
    to,
    orders,
    revenue: fromMinor(revenue, decimals),
    ordersByStatus,
    series: ordered
      .filter((hour) => hour.orders > 0)
      .map((hour) => ({ hour: hour.hour, orders: hour.orders, revenue: fromMinor(hour.revenue, decimals) })),
    topProducts: Object.entries(products)
      .sort(([a, x], [b, y]) => y.revenue - x.revenue || Number(a) - Number(b))
      .slice(0, most)
      .map(([productId, sold]) => ({
        productId: Number(productId),
        name: sold.name,
        quantity: sold.quantity,
        revenue: fromMinor(sold.revenue, decimals),
      })),
    meanSecondsToComplete: completed ? milliseconds / completed / 1000 : null,
  }
}
