/** What those who watch the store are told of its orders. */
import { orderStates } from '@store/contract'
import { beforeEach, expect, test, vi } from 'vitest'

let countStep: typeof import('./orderMetrics.ts').countStep
let counted: typeof import('../platform/telemetry/metrics.ts').counted
beforeEach(async () => {
  vi.resetModules()
  ;({ countStep } = await import('./orderMetrics.ts'))
  ;({ counted } = await import('../platform/telemetry/metrics.ts'))
})

const metric = (name: string) => counted().find((one) => one.name === name)
const ordersBy = () =>
  Object.fromEntries(
    (metric('store.orders')?.series ?? []).map(({ attributes, value }) => [
      attributes['store.order.state'],
      value,
    ]),
  )
const placed = { state: 'placed', at: '2026-01-02T03:04:05.000Z' } as const
const none = Object.fromEntries(orderStates.map((state) => [state, 0]))

// Of a series that begins with its first event Prometheus does not see that it grew.
test('each state has its count, from nothing on', () => {
  expect(ordersBy()).toEqual(none)
  countStep({ createdAt: placed.at, history: [placed] }, 'placed')
  expect(ordersBy()).toEqual({ ...none, placed: 1 })
})

test('the time to a state is that from the placing, in seconds, and placing itself takes none', () => {
  const history = [
    placed,
    { state: 'pending', at: '2026-01-02T03:04:06.500Z' } as const,
    { state: 'processing', at: '2026-01-02T03:05:05.000Z' } as const,
  ]
  countStep({ createdAt: placed.at, history: [placed] }, 'placed')
  expect(metric('store.order.duration')).toBeUndefined()
  countStep({ createdAt: placed.at, history }, 'pending')
  countStep({ createdAt: placed.at, history }, 'processing')
  const { series = [], unit } = metric('store.order.duration') ?? {}
  expect(unit).toBe('s')
  expect(series.map(({ attributes, value }) => [attributes['store.order.state'], value])).toEqual([
    ['pending', 1.5],
    ['processing', 60],
  ])
})

test('a clock that went back counts as no time, and an order without that step is counted without one', () => {
  const earlier = { state: 'pending', at: '2026-01-02T03:04:00.000Z' } as const
  countStep({ createdAt: placed.at, history: [placed, earlier] }, 'pending')
  countStep({ createdAt: placed.at, history: [placed] }, 'complete')
  expect(metric('store.order.duration')?.series.map(({ value }) => value)).toEqual([0])
  expect(ordersBy()).toEqual({ ...none, pending: 1, complete: 1 })
})
