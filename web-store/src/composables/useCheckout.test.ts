import { ApiError } from '@store/contract/client'
import { validate, version } from 'uuid'
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
    expect(useCheckout().unanswered).toEqual(basket)
    await expect(useCheckout().place(basket)).rejects.toThrow()
    browser.openPage()
    expect(useCheckout().unanswered).toEqual(basket)
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

  // RFC 9562: such a key begins with the time, which the API gives to the order's id.
  test('keys are UUIDv7, so that the ids of orders follow their time', async () => {
    place.mockResolvedValue(order)
    const before = Date.now()
    for (let n = 0; n < 3; n++) await useCheckout().place(basket)
    for (const key of keys()) expect([validate(key), version(key)]).toEqual([true, 7])
    expect(keys()).toEqual(keys().toSorted())
    const [first = ''] = keys()
    expect(Number.parseInt(first.replace('-', '').slice(0, 12), 16)).toBeGreaterThanOrEqual(before)
  })

  test('a refusal is an answer: the next try has a key of its own', async () => {
    place.mockRejectedValueOnce(answered(400)).mockResolvedValue(order)
    await expect(useCheckout().place(basket)).rejects.toThrow()
    expect(useCheckout().unanswered).toBeUndefined()
    await useCheckout().place(basket)
    expect(new Set(keys()).size).toBe(2)
  })

  test('a basket that was changed after a lost answer waits until the one that was sent is answered', async () => {
    place.mockRejectedValueOnce(new TypeError('Failed to fetch')).mockResolvedValue(order)
    await expect(useCheckout().place(basket)).rejects.toThrow()
    browser.openPage()
    await useCheckout().place(other)
    await useCheckout().place(other)
    expect(place.mock.calls.map(([{ items }]) => items)).toEqual([basket, basket, other])
    const [first, second, third] = keys()
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  test.each([
    ['a day old', { key: 'k', order: { customerId: 'me', items: other }, at: Date.now() - 86_400_001 }],
    ['tampered with', { key: 'k', order: 'nonsense', at: Date.now() }],
  ])('a try that is %s is not sent', async (_what, checkout) => {
    browser = fakeBrowser({ checkout })
    place.mockResolvedValue(order)
    await useCheckout().place(basket)
    expect(place.mock.calls.map(([{ items }]) => items)).toEqual([basket])
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
