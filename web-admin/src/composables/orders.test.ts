import type { OrderState } from '@store/contract'
import { ApiError } from '@store/contract/client'
import { useToasts } from '@store/web-ui'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { api } from '../api.ts'
import { sampleOrder } from '../sampleOrder.ts'
import { stepsOf, useMoveOrders } from './orders.ts'

const renew = vi.hoisted(() => vi.fn(async () => {}))
vi.mock('./renew.ts', () => ({ useRenew: () => renew }))

test.each<[OrderState, OrderState[]]>([
  ['placed', ['cancelled']],
  ['pending', ['processing', 'complete', 'cancelled']],
  ['processing', ['complete']],
  ['complete', []],
  ['cancelled', []],
])('an order that is %s can be moved to %j', (state, steps) => {
  expect([...stepsOf(sampleOrder(state))].sort()).toEqual([...steps].sort())
})

describe('moving orders along', () => {
  const setStatus = vi.spyOn(api.orders, 'setStatus')
  const { toasts } = useToasts()
  const messages = () => toasts.value.map(({ message }) => message)

  beforeEach(() => {
    setStatus.mockReset().mockResolvedValue(undefined)
    renew.mockClear()
    for (const { id } of toasts.value) useToasts().dismiss(id)
  })

  test('moves those whose life leads there, and reads the orders anew', async () => {
    const { move, moving } = useMoveOrders()
    const moved = move([sampleOrder('pending'), sampleOrder('complete')], 'complete')
    expect([...moving.value]).toEqual(['order-pending'])
    expect(await moved).toEqual([sampleOrder('pending')])
    expect(setStatus).toHaveBeenCalledExactlyOnceWith({
      orderId: 'order-pending',
      status: 2,
      state: 'complete',
    })
    expect(renew).toHaveBeenCalledExactlyOnceWith(['orders'])
    expect([...moving.value]).toEqual([])
    expect(messages()).toEqual(['Order 48219-30755 completed'])
  })

  test('says how many moved, and how many did not and why', async () => {
    setStatus.mockImplementation(async ({ orderId }) => {
      if (orderId > 'order-3')
        throw new ApiError({
          type: 'about:blank',
          title: 'Conflict',
          status: 409,
          detail: 'It is cancelled.',
        })
    })
    const { move } = useMoveOrders()
    const orders = [1, 2, 3, 4, 5].map((n) => sampleOrder('pending', `order-${n}`))
    expect((await move(orders, 'processing')).length).toBe(3)
    expect(messages().some((text) => text === '3 orders started')).toBe(true)
    expect(messages().some((text) => text.startsWith('2 orders could not be started.'))).toBe(true)
  })

  test('does not move an order twice while it is under way', async () => {
    const { move } = useMoveOrders()
    await Promise.all([
      move([sampleOrder('pending')], 'complete'),
      move([sampleOrder('pending')], 'complete'),
    ])
    expect(setStatus).toHaveBeenCalledOnce()
  })

  test('sends four changes at a time', async () => {
    let now = 0
    let most = 0
    setStatus.mockImplementation(async () => {
      most = Math.max(most, ++now)
      await Promise.resolve()
      now--
    })
    const { move } = useMoveOrders()
    await move(
      Array.from({ length: 20 }, (_, n) => sampleOrder('pending', `order-${n}`)),
      'complete',
    )
    expect(setStatus).toHaveBeenCalledTimes(20)
    expect(most).toBe(4)
  })
})
