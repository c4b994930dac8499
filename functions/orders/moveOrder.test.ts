import { beforeEach, expect, test, vi } from 'vitest'
import { acceptOrder, moveOrder } from './moveOrder.ts'
import { countStep } from './orderMetrics.ts'
import * as store from './orderStore.ts'

const delay = vi.hoisted(() => vi.fn(async (_milliseconds: number) => {}))
vi.mock('node:timers/promises', async (original) => ({ ...(await original<object>()), setTimeout: delay }))
vi.mock('./orderMetrics.ts')
vi.mock('./orderStore.ts')
const advance = vi.mocked(store.advanceOrder)
const read = vi.mocked(store.readOrder)
beforeEach(() => {
  vi.restoreAllMocks()
  vi.resetAllMocks()
})

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
  expect(advance).toHaveBeenCalledTimes(6)
})

test('those who move one order at once come back at times of their own, later each time, and the first try waits for nobody', async () => {
  advance.mockResolvedValue('elsewhere')
  read.mockResolvedValue(orderIn('placed'))
  vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValue(0.5)
  await expect(moveOrder('o', 'pending')).rejects.toMatchObject({ status: 503 })
  expect(delay.mock.calls.flat()).toEqual([0, 40, 80, 160, 320])
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

test('the common case is one write from the states that lead there, and no read', async () => {
  advance.mockResolvedValue(orderIn('processing'))
  expect(await moveOrder('o', 'processing')).toEqual(orderIn('processing'))
  expect(advance.mock.calls).toEqual([
    ['o', ['pending'], { state: 'processing', at: expect.stringMatching(/^\d{4}-.*Z$/) }],
  ])
  expect(read).not.toHaveBeenCalled()
})

test('a step that is taken is counted once, and one that was taken before is not', async () => {
  advance.mockResolvedValueOnce(orderIn('pending')).mockResolvedValue('elsewhere')
  read.mockResolvedValue(orderIn('pending'))
  for (let n = 0; n < 3; n++) await moveOrder('o', 'pending')
  expect(vi.mocked(countStep).mock.calls).toEqual([[orderIn('pending').order, 'pending']])
})

test('a step that was taken before is answered with what is stored, and not taken again', async () => {
  advance.mockResolvedValue('elsewhere')
  read.mockResolvedValue(orderIn('pending'))
  expect(await moveOrder('o', 'pending')).toEqual(orderIn('pending'))
  expect(advance).toHaveBeenCalledOnce()
})

test('a step that a life does not lead to is refused at once, with both states named', async () => {
  advance.mockResolvedValue('elsewhere')
  read.mockResolvedValue(orderIn('cancelled'))
  await expect(moveOrder('o', 'processing')).rejects.toMatchObject({
    status: 409,
    message: 'An order that is cancelled cannot become processing.',
  })
  expect(advance).toHaveBeenCalledOnce()
})

test('an order that took another step in between is tried anew', async () => {
  advance.mockResolvedValueOnce('elsewhere').mockResolvedValueOnce(orderIn('processing'))
  read.mockResolvedValueOnce(orderIn('pending'))
  expect((await moveOrder('o', 'processing')).order.state).toBe('processing')
  expect(advance).toHaveBeenCalledTimes(2)
})

test('a database that fails is not asked again, and its error is not taken for a conflict', async () => {
  const away = new Error('away')
  advance.mockRejectedValue(away)
  await expect(moveOrder('o', 'pending')).rejects.toBe(away)
  await expect(acceptOrder('o')).rejects.toBe(away)
  expect(advance).toHaveBeenCalledTimes(2)
})
