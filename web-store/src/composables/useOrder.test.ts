import type { Order } from '@store/contract'
import { ApiError } from '@store/contract/client'
import type { OrderState } from '@store/contract/status'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import { fakeBrowser } from '../fakeBrowser.ts'
import { pollDelay, useOrder } from './useOrder.ts'
import { useOrderBook } from './useOrderBook.ts'

const orderIn = (state: OrderState): Order => ({
  orderId: '0193',
  number: '48219-30755',
  customerId: 'me',
  items: [{ productId: 2, quantity: 1, price: 6.99, name: 'Squid' }],
  status: 0,
  state,
  total: 6.99,
  createdAt: '2026-11-23T12:00:00.000Z',
  history: [],
})

describe('following an order', () => {
  let browser: ReturnType<typeof fakeBrowser>
  let scope: ReturnType<typeof effectScope>
  const track = vi.fn<(id: string, etag?: string | null) => Promise<{ value: Order; etag: string } | null>>()

  beforeEach(() => {
    vi.useFakeTimers()
    browser = fakeBrowser()
    scope = effectScope()
    track.mockReset()
  })
  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })

  function follow() {
    const following = scope.run(() => useOrder('0193', track))
    if (!following) throw new Error('The scope has ended')
    return following
  }

  test('a change is shown within two seconds; what is known is asked for by its tag', async () => {
    track.mockResolvedValueOnce({ value: orderIn('pending'), etag: '"1"' }).mockResolvedValue(null)
    const { order } = follow()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(order.value?.state).toBe('pending')
    expect(track.mock.calls[0]?.[1]).toBeNull()
    expect(track.mock.lastCall?.[1]).toBe('"1"')

    track.mockResolvedValueOnce({ value: orderIn('processing'), etag: '"2"' })
    await vi.advanceTimersByTimeAsync(2_000)
    expect(order.value?.state).toBe('processing')
  })

  test('a finished order is asked for no more', async () => {
    track.mockResolvedValue({ value: orderIn('complete'), etag: '"3"' })
    follow()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(track).toHaveBeenCalledOnce()
  })

  test('nobody looking, nobody asking; who looks again sees news at once', async () => {
    track.mockResolvedValueOnce({ value: orderIn('pending'), etag: '"1"' }).mockResolvedValue(null)
    const { order } = follow()
    await vi.advanceTimersByTimeAsync(10)
    browser.setHidden(true)
    const before = track.mock.calls.length
    await vi.advanceTimersByTimeAsync(600_000)
    expect(track.mock.calls.length).toBe(before)

    track.mockResolvedValueOnce({ value: orderIn('complete'), etag: '"2"' })
    browser.setHidden(false)
    await vi.advanceTimersByTimeAsync(10)
    expect(order.value?.state).toBe('complete')
  })

  test('a page that is left asks no more', async () => {
    track.mockResolvedValue(null)
    const { ask } = follow()
    await vi.advanceTimersByTimeAsync(10)
    scope.stop()
    const before = track.mock.calls.length
    // A call that was under way when the page was left asks for the news.
    void ask()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(track.mock.calls.length).toBe(before)
  })

  test('a failing store keeps the last news on the page and is asked again', async () => {
    track.mockResolvedValueOnce({ value: orderIn('pending'), etag: '"1"' })
    track.mockRejectedValueOnce(new TypeError('Failed to fetch'))
    track.mockResolvedValue({ value: orderIn('complete'), etag: '"2"' })
    const { order, error } = follow()
    await vi.advanceTimersByTimeAsync(1_100)
    expect(order.value?.state).toBe('pending')
    expect(error.value).toBeInstanceOf(TypeError)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(order.value?.state).toBe('complete')
    expect(error.value).toBeUndefined()
  })

  test('an order that does not exist is asked for once', async () => {
    track.mockRejectedValue(new ApiError({ type: 'about:blank', title: 'Not Found', status: 404 }))
    follow()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(track).toHaveBeenCalledOnce()
  })

  test('news reach this device’s list of orders; a stranger’s order does not', async () => {
    track.mockResolvedValueOnce({ value: orderIn('pending'), etag: '"1"' })
    track.mockResolvedValue({ value: orderIn('complete'), etag: '"2"' })
    const { order } = follow()
    await vi.advanceTimersByTimeAsync(10)
    expect(useOrderBook().orders).toEqual([])
    useOrderBook().remember(orderIn('pending'))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(order.value?.state).toBe('complete')
    expect(useOrderBook().orders.map(({ state }) => state)).toEqual(['complete'])
  })
})

test('the less happens the seldomer it asks, but never seldomer than every 15 seconds', () => {
  expect(pollDelay(0)).toBe(1_000)
  expect(pollDelay(200_000)).toBe(2_000)
  expect(pollDelay(1_200_000)).toBe(8_000)
  expect(pollDelay(86_400_000)).toBe(15_000)
  expect(pollDelay(0, 3)).toBe(8_000)
  expect(pollDelay(0, 50)).toBe(15_000)
})
