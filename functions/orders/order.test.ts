import { describe, expect, test } from 'vitest'
import { newOrder, type Order, toWire, transition } from './order.ts'

const catalogue = new Map(
  [
    { id: 1, name: 'Rope', price: 0.1, description: 'd', image: 'i' },
    { id: 2, name: 'Bed', price: 19.99, description: 'd', image: 'i' },
  ].map((product) => [product.id, product]),
)
const now = new Date('2026-01-02T03:04:05.678Z')
const later = new Date('2026-01-02T03:05:00.000Z')

function placed(items = [{ productId: 1, quantity: 3 }]): Order {
  const result = newOrder('o1', { customerId: 'c', items }, catalogue, now)
  if ('unknown' in result) throw new Error('unknown product')
  return result.order
}

describe('pricing', () => {
  test('takes names and prices from the catalogue and adds up in whole cents', () => {
    const order = placed([
      { productId: 1, quantity: 3 },
      { productId: 2, quantity: 3 },
    ])
    expect(order.total).toBe(6027)
    expect(toWire(order)).toMatchObject({
      total: 60.27,
      items: [
        { name: 'Rope', price: 0.1 },
        { name: 'Bed', price: 19.99 },
      ],
    })
  })

  test('says which lines name a product that is not in the catalogue', () => {
    const items = [9, 1, 8].map((productId) => ({ productId, quantity: 1 }))
    expect(newOrder('o1', { customerId: 'c', items }, catalogue, now)).toEqual({ unknown: [0, 2] })
  })
})

describe('the life of an order', () => {
  const walk = (...states: Parameters<typeof transition>[1][]) =>
    states.reduce<Order | null>((order, state) => order && transition(order, state, later), placed())

  test.each([
    [['pending', 'processing', 'complete']],
    [['pending', 'complete']],
    [['cancelled']],
    [['pending', 'cancelled']],
  ] as const)('leads through %j', (states) => {
    expect(walk(...states)?.history.map(({ state }) => state)).toEqual(['placed', ...states])
  })

  test.each([
    [['complete']],
    [['processing']],
    [['pending', 'processing', 'cancelled']],
    [['pending', 'complete', 'cancelled']],
    [['cancelled', 'pending']],
  ] as const)('does not lead through %j', (states) => {
    expect(walk(...states)).toBeNull()
  })

  test('is not changed by a repeated or late request', () => {
    const complete = walk('pending', 'processing', 'complete') as Order
    expect(transition(complete, 'pending', later)).toBe(complete)
    expect(transition(complete, 'complete', later)).toBe(complete)
  })
})

test('the wire has the numbers of the demo', () => {
  const states = ['placed', 'pending', 'processing', 'complete', 'cancelled'] as const
  expect(states.map((state) => toWire({ ...placed(), state }).status)).toEqual([0, 0, 1, 2, 3])
})
