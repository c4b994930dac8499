import { beforeEach, expect, test, vi } from 'vitest'
import { acceptOrder, moveOrder } from './moveOrder.ts'
import * as store from './orderStore.ts'

vi.mock('./orderStore.ts')
const advance = vi.mocked(store.advanceOrder)
const read = vi.mocked(store.readOrder)
beforeEach(() => vi.resetAllMocks())

const at = '2026-11-25T08:00:00.000Z'
const orderIn = (state: 'placed' | 'pending' | 'processing' | 'cancelled') => ({
  etag: '"1"',
  order: {
    id: 'o',
    number: '48219-30755',
    customerId: 'c',
    items: [],
    total: 0,
    state,
    createdAt: at,
    history: [{ state, at }],
  },
})

test('an order that others keep changing is left to them after some tries, and the client told to come back', async () => {
  advance.mockResolvedValue('elsewhere')
  read.mockResolvedValue(orderIn('placed'))
  await expect(moveOrder('o', 'pending')).rejects.toMatchObject({ status: 503, retryAfter: 5 })
  expect(advance.mock.calls.length).toBeGreaterThan(2)
  expect(advance.mock.calls.length).toBeLessThan(20)
})

test('no try begins once the time of a message is short', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    advance.mockImplementation(async () => {
      vi.advanceTimersByTime(12_000)
      return 'elsewhere'
    })
    read.mockResolvedValue(orderIn('placed'))
    await expect(moveOrder('o', 'pending')).rejects.toMatchObject({ status: 503 })
    expect(advance).toHaveBeenCalledOnce()
  } finally {
    vi.useRealTimers()
  }
})

test('a replica that does not know the order yet is asked again', async () => {
  advance.mockResolvedValueOnce('elsewhere').mockResolvedValueOnce(orderIn('pending'))
  read.mockResolvedValueOnce(null)
  expect((await moveOrder('o', 'pending')).order.state).toBe('pending')
})

test('an order that was cancelled before its message came is accepted as it is; one that is gone is not', async () => {
  advance.mockResolvedValue('elsewhere')
  read.mockResolvedValue(orderIn('cancelled'))
  expect((await acceptOrder('o')).order.state).toBe('cancelled')
  advance.mockResolvedValue('absent')
  await expect(acceptOrder('o')).rejects.toMatchObject({ status: 404 })
})
