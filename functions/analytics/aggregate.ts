/**
 * What the figures are made of: an hour's orders, counted by the quarter. Pure; an hour counted twice is the same hour.
 * Hours and quarters are written as the first instant of them, ISO 8601 in UTC, and an order belongs to those it was
 * placed in. Why quarters: days begin at half past an hour of UTC in India, at a quarter past in Nepal.
 */
import { type AnalyticsSummary, fromMinor, type OrderState, orderStates } from '@store/contract'
import type { Order } from '../orders/order.ts'
import type { Minor } from '../products/product.ts'

export interface HourAggregate {
  hour: string
  /** Those that saw an order, in no order. */
  quarters: QuarterAggregate[]
}

export interface QuarterAggregate {
  quarter: string
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
const quarterLength = hourLength / 4

const floor = (time: string | number, length: number): string =>
  new Date(Math.floor(new Date(time).getTime() / length) * length).toISOString()

/** The hour that a time lies in. */
export const hourOf = (time: string | number): string => floor(time, hourLength)

/** The quarter of an hour that a time lies in. */
export const quarterOf = (time: string | number): string => floor(time, quarterLength)

/** The first quarter that begins at a time or after it. */
export const quarterFrom = (time: string): string => quarterOf(Date.parse(time) + quarterLength - 1)

/** The hour after an hour. */
export const hourAfter = (hour: string): string => hourOf(new Date(hour).getTime() + hourLength)

const none = () => Object.fromEntries(orderStates.map((state) => [state, 0])) as Record<OrderState, number>

/** Counts the orders of an hour. */
export async function countHour(
  hour: string,
  orders: Iterable<Order> | AsyncIterable<Order>,
): Promise<HourAggregate> {
  const quarters = new Map<string, QuarterAggregate>()
  for await (const { state, total, items, createdAt, history } of orders) {
    const quarter = quarterOf(createdAt)
    const sum = quarters.get(quarter) ?? emptyQuarter(quarter)
    quarters.set(quarter, sum)
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
  return { hour, quarters: [...quarters.values()] }
}

const emptyQuarter = (quarter: string): QuarterAggregate => ({
  quarter,
  byState: none(),
  orders: 0,
  revenue: 0,
  products: {},
  completed: 0,
  millisecondsToComplete: 0,
})

function add(
  products: QuarterAggregate['products'],
  productId: number | string,
  { name, quantity, revenue }: QuarterAggregate['products'][string],
) {
  const sold = products[productId]
  products[productId] = {
    name,
    quantity: (sold?.quantity ?? 0) + quantity,
    revenue: (sold?.revenue ?? 0) + revenue,
  }
}

/**
 * The figures of a range of quarters, `to` exclusive, in a currency of so many decimals; `most` is how many products to
 * name. The hours of the series are counted from `from`, so that they begin where hours begin for whoever asks.
 */
export function summarize(
  from: string,
  to: string,
  quarters: QuarterAggregate[],
  decimals = 2,
  most = 10,
): AnalyticsSummary {
  const ordered = quarters.toSorted((a, b) => (a.quarter < b.quarter ? -1 : 1))
  const series = new Map<string, { orders: number; revenue: Minor }>()
  const ordersByStatus = none()
  const products: QuarterAggregate['products'] = {}
  let [orders, revenue, completed, milliseconds] = [0, 0, 0, 0]
  for (const sum of ordered) {
    for (const state of orderStates) ordersByStatus[state] += sum.byState[state]
    for (const [productId, sold] of Object.entries(sum.products)) add(products, productId, sold)
    orders += sum.orders
    revenue += sum.revenue
    completed += sum.completed
    milliseconds += sum.millisecondsToComplete
    if (!sum.orders) continue
    const start = Date.parse(from)
    const hours = Math.floor((Date.parse(sum.quarter) - start) / hourLength)
    const hour = new Date(start + hours * hourLength).toISOString()
    const entry = series.get(hour)
    series.set(hour, {
      orders: (entry?.orders ?? 0) + sum.orders,
      revenue: (entry?.revenue ?? 0) + sum.revenue,
    })
  }
  return {
    from,
    to,
    orders,
    revenue: fromMinor(revenue, decimals),
    ordersByStatus,
    series: [...series].map(([hour, { orders, revenue }]) => ({
      hour,
      orders,
      revenue: fromMinor(revenue, decimals),
    })),
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
