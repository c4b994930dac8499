import { afterEach, expect, test, vi } from 'vitest'

const source = vi.hoisted(() => ({ countInState: vi.fn(), look: vi.fn() }))
vi.mock('../orders/findOrders.ts', () => ({ countInState: source.countInState }))
vi.mock('./queues.ts', () => ({
  look: source.look,
  ordersQueue: () => 'orders',
  failedQueue: () => 'orders-failed',
  deadLetterQueue: () => 'orders/$DeadLetterQueue',
}))
afterEach(() => vi.useRealTimers())

const valuesOf = (
  metrics: { name: string; series: { attributes: object; value: number }[] }[],
  name: string,
) =>
  metrics
    .find((metric) => metric.name === name)
    ?.series.map(({ attributes, value }) => [...Object.values(attributes), value])

// A Prometheus gives up on an answer after ten seconds (`scrape_timeout`), and then knows nothing at all.
test('a database that never answers is told of as away, and the broker is told of', async () => {
  vi.useFakeTimers()
  vi.resetModules()
  source.countInState.mockReturnValue(new Promise(() => {}))
  source.look.mockResolvedValue([])
  const { waiting } = await import('./waiting.ts')
  const asked = waiting()
  await vi.advanceTimersByTimeAsync(5_000)
  const metrics = await Promise.race([asked, Promise.resolve([])])
  expect(valuesOf(metrics, 'store.source.up')).toEqual([
    ['database', 0],
    ['broker', 1],
  ])
  expect(valuesOf(metrics, 'store.broker.messages')).toEqual([
    ['orders', 'active', 0],
    ['orders', 'scheduled', 0],
  ])
  expect(valuesOf(metrics, 'store.database.orders')).toBeUndefined()
})

test('a broker that is away is told of, and the database is told of', async () => {
  vi.resetModules()
  source.countInState.mockImplementation(async (state: string) => state.length)
  source.look.mockRejectedValue(new Error('away'))
  const { waiting } = await import('./waiting.ts')
  const metrics = await waiting()
  expect(valuesOf(metrics, 'store.source.up')).toEqual([
    ['database', 1],
    ['broker', 0],
  ])
  expect(valuesOf(metrics, 'store.database.orders')).toContainEqual(['placed', 6])
})
