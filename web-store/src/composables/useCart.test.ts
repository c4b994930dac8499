import { limits } from '@store/contract/limits'
import { beforeEach, describe, expect, test } from 'vitest'
import { fakeBrowser } from '../fakeBrowser.ts'
import { useCart } from './useCart.ts'

const squid = { id: 2, name: 'Squid', price: 6.99 }
const bed = { id: 7, name: 'Bed', price: 19.99 }

describe('the cart', () => {
  let browser: ReturnType<typeof fakeBrowser>
  beforeEach(() => {
    browser = fakeBrowser()
  })

  test('gathers pieces of a product in one line, and is there after a reload', () => {
    useCart().add(squid, 2)
    useCart().add(bed, 1)
    useCart().add(squid, 3)
    browser.openPage()
    expect(useCart().lines.map(({ productId, quantity }) => [productId, quantity])).toEqual([
      [2, 5],
      [7, 1],
    ])
    expect(useCart().count).toBe(6)
  })

  test('holds quantities that the API takes, whatever is typed', () => {
    useCart().add(squid, 1)
    const quantityAfter = (typed: number) => {
      useCart().setQuantity(2, typed)
      return useCart().lines[0]?.quantity
    }
    expect([0, -4, Number.NaN, 2.9, 1e9].map(quantityAfter)).toEqual([1, 1, 1, 2, limits.quantity])
  })

  test('takes no more lines than an order may have', () => {
    for (let id = 1; id <= limits.orderItems; id++) expect(useCart().add({ ...squid, id }, 1)).toBe(1)
    expect(useCart().add({ ...squid, id: 1000 }, 1)).toBe(0)
    expect(useCart().add({ ...squid, id: 5 }, 1)).toBe(1)
    expect(useCart().add({ ...squid, id: 5 }, limits.quantity)).toBe(limits.quantity - 2)
    expect(useCart().add({ ...squid, id: 5 }, 5)).toBe(0)
    expect(useCart().lines).toHaveLength(limits.orderItems)
  })

  test('is the same in another tab', () => {
    useCart().add(squid, 1)
    browser.storeElsewhere('cart', [{ productId: 7, quantity: 4, name: 'Bed', price: 19.99 }])
    expect(useCart().count).toBe(4)
  })

  const inCart = () => useCart().lines.map(({ productId, quantity }) => [productId, quantity])

  test('takes a removed line back to its place, and keeps what was added since', () => {
    useCart().add(squid, 2)
    useCart().add(bed, 1)
    const [line] = useCart().lines
    if (!line) throw new Error('The cart is empty')
    useCart().remove(2)
    useCart().add(bed, 4)
    useCart().putBack(line, 0)
    expect(inCart()).toEqual([
      [2, 2],
      [7, 5],
    ])
    expect(useCart().lines[0]).toEqual(line)
  })

  test('loses what was ordered, and nothing else', () => {
    useCart().add(squid, 3)
    useCart().add(bed, 1)
    useCart().takeOut([
      { productId: 2, quantity: 2 },
      { productId: 7, quantity: 5 },
      { productId: 9, quantity: 1 },
    ])
    expect(inCart()).toEqual([[2, 1]])
  })
})

test.each([
  ['text', 'nonsense'],
  ['an object', { productId: 1, quantity: 1 }],
  ['null in the list', [null]],
  [
    'products that cannot be',
    [
      { productId: 0, quantity: 1 },
      { productId: '1', quantity: 1 },
      { productId: 1.5, quantity: 1 },
    ],
  ],
  [
    'quantities that cannot be',
    [{ productId: 1, quantity: 0 }, { productId: 2, quantity: 'many' }, { productId: 3 }],
  ],
])('a tampered cart of %s is an empty cart', (_what, cart) => {
  fakeBrowser({ cart })
  expect(useCart().lines).toEqual([])
})

test('what is right in a tampered cart is kept', () => {
  fakeBrowser({ cart: [{ productId: 3, quantity: 1e12, price: 'free' }, { quantity: 3 }] })
  expect(useCart().lines).toEqual([{ productId: 3, quantity: limits.quantity, name: '', price: 0 }])
})
