import { expect, test } from 'vitest'
import type { Order } from '../orders/order.ts'
import { countHour, hourAfter, hourOf, quarterFrom, quarterOf, summarize } from './aggregate.ts'

const hour = '2026-01-02T03:00:00.000Z'
const order = (more: Partial<Order> = {}): Order => ({
  id: 'o',
  number: '48219-30755',
  customerId: 'c',
  items: [{ productId: 1, name: 'Rope', quantity: 3, unitPrice: 10 }],
  total: 30,
  state: 'pending',
  createdAt: '2026-01-02T03:04:05.000Z',
  history: [{ state: 'placed', at: '2026-01-02T03:04:05.000Z' }],
  ...more,
})

test('hours begin at their first instant', () => {
  expect(hourOf('2026-01-02T03:59:59.999Z')).toBe(hour)
  expect(hourOf(hour)).toBe(hour)
  expect(hourAfter('2026-01-02T23:00:00.000Z')).toBe('2026-01-03T00:00:00.000Z')
})

test('counts money in cents, and a cancelled order by its state alone', async () => {
  const complete = [
    { state: 'placed' as const, at: '2026-01-02T03:04:05.000Z' },
    { state: 'complete' as const, at: '2026-01-02T03:05:05.500Z' },
  ]
  const counted = await countHour(hour, [
    order(),
    order({ state: 'cancelled' }),
    order({ state: 'complete', history: complete }),
    order({ items: [{ productId: 2, name: 'Bed', quantity: 1, unitPrice: 1999 }], total: 1999 }),
  ])
  expect(summarize(hour, hourAfter(hour), counted.quarters)).toEqual({
    from: hour,
    to: hourAfter(hour),
    orders: 3,
    revenue: 20.59,
    ordersByStatus: { placed: 0, pending: 2, processing: 0, complete: 1, cancelled: 1 },
    series: [{ hour, orders: 3, revenue: 20.59 }],
    topProducts: [
      { productId: 2, name: 'Bed', quantity: 1, revenue: 19.99 },
      { productId: 1, name: 'Rope', quantity: 6, revenue: 0.6 },
    ],
    meanSecondsToComplete: 60.5,
  })
})

test('adds hours up in the order of time; without a completed order there is no mean', async () => {
  const later = '2026-01-02T05:00:00.000Z'
  const counted = [
    await countHour(later, [order({ createdAt: later })]),
    await countHour(hour, [order(), order({ createdAt: '2026-01-02T03:59:59.999Z' })]),
    await countHour('2026-01-02T04:00:00.000Z', []),
  ]
  const summary = summarize(
    hour,
    hourAfter(later),
    counted.flatMap(({ quarters }) => quarters),
  )
  expect(summary.series.map((entry) => [entry.hour, entry.orders])).toEqual([
    [hour, 2],
    [later, 1],
  ])
  expect(summary.topProducts).toEqual([{ productId: 1, name: 'Rope', quantity: 9, revenue: 0.9 }])
  expect(summary.meanSecondsToComplete).toBeNull()
})

test('quarters begin at their first instant', () => {
  expect(quarterOf('2026-01-02T03:59:59.999Z')).toBe('2026-01-02T03:45:00.000Z')
  expect(quarterFrom('2026-01-02T03:45:00.000Z')).toBe('2026-01-02T03:45:00.000Z')
  expect(quarterFrom('2026-01-02T03:45:00.001Z')).toBe('2026-01-02T04:00:00.000Z')
})
