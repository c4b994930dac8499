import { ApiError } from '@store/contract/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { api } from '../api.ts'
import { fakeBrowser } from '../fakeBrowser.ts'
import { isUnanswered, useCheckout } from './useCheckout.ts'

const basket = [{ productId: 2, quantity: 1 }]
const other = [{ productId: 3, quantity: 1 }]
const order = { orderId: '0193' } as Awaited<ReturnType<typeof api.orders.place>>
const answered = (status: number) => new ApiError({ type: 'about:blank', title: 'No', status })

describe('checking out', () => {
  const place = vi.spyOn(api.orders, 'place')
  let browser: ReturnType<typeof fakeBrowser>
  beforeEach(() => {
    browser = fakeBrowser()
    place.mockReset()
  })
  afterEach(() => expect(useCheckout().placing).toBe(false))

  const keys = () => place.mock.calls.map(([, key]) => key)

  test('a double click sends one order', async () => {
    place.mockResolvedValue(order)
    const both = await Promise.all([useCheckout().place(basket), useCheckout().place(basket)])
    expect(place).toHaveBeenCalledOnce()
    expect(both).toEqual([order, order])
  })

  test('a lost answer is asked for again under the same key, also after a reload', async () => {
    place.mockRejectedValueOnce(new TypeError('Failed to fetch')).mockRejectedValueOnce(answered(503))
    place.mockResolvedValue(order)
    await expect(useCheckout().place(basket)).rejects.toThrow()
    expect(useCheckout().isPending(basket)).toBe(true)
    await expect(useCheckout().place(basket)).rejects.toThrow()
    browser.openPage()
    expect(useCheckout().isPending(basket)).toBe(true)
    await useCheckout().place(basket)
    expect(new Set(keys()).size).toBe(1)
    expect(new Set(place.mock.calls.map(([body]) => JSON.stringify(body))).size).toBe(1)
  })

  test('once it is answered, the same basket again is a new order', async () => {
    place.mockResolvedValue(order)
    await useCheckout().place(basket)
    await useCheckout().place(basket)
    expect(new Set(keys()).size).toBe(2)
  })

  test('a refusal is an answer: the next try has a key of its own', async () => {
    place.mockRejectedValueOnce(answered(400)).mockResolvedValue(order)
    await expect(useCheckout().place(basket)).rejects.toThrow()
    expect(useCheckout().isPending(basket)).toBe(false)
    await useCheckout().place(basket)
    expect(new Set(keys()).size).toBe(2)
  })

  test('another basket is another order', async () => {
    place.mockRejectedValueOnce(new TypeError('Failed to fetch')).mockResolvedValue(order)
    await expect(useCheckout().place(basket)).rejects.toThrow()
    await useCheckout().place(other)
    expect(new Set(keys()).size).toBe(2)
  })

  test('only products and quantities are sent, for the customer that this device is', async () => {
    place.mockResolvedValue(order)
    await useCheckout().place(basket)
    browser.openPage()
    await useCheckout().place(basket)
    const [first, second] = place.mock.calls.map(([body]) => body)
    expect(first).toEqual({ customerId: expect.stringMatching(/^web-[0-9a-f]{12}$/), items: basket })
    expect(second?.customerId).toBe(first?.customerId)
  })
})

test('what may have made an order all the same is told from what surely did not', () => {
  expect([new TypeError('x'), answered(500), answered(503), answered(429)].map(isUnanswered)).not.toContain(
    false,
  )
  expect([answered(400), answered(413), answered(422)].map(isUnanswered)).not.toContain(true)
})
