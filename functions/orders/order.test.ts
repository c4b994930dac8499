import { orderStates } from '@store/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isOrderOf, newOrder, type Order, statesBefore, toWire, transition } from './order.ts'

const catalogue = new Map(
  [
    { id: 1, name: 'Rope', price: 0.1, description: 'd', image: 'i' },
    { id: 2, name: 'Bed', price: 19.99, description: 'd', image: 'i' },
  ].map((product) => [product.id, product]),
)
const now = new Date('2026-01-02T03:04:05.678Z')
const later = new Date('2026-01-02T03:05:00.000Z')

function placed(items = [{ productId: 1, quantity: 3 }]): Order {
  const result = newOrder({ id: 'o1', number: '48219-30755' }, { customerId: 'c', items }, catalogue, now)
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
    expect(newOrder({ id: 'o1', number: '48219-30755' }, { customerId: 'c', items }, catalogue, now)).toEqual(
      { unknown: [0, 2] },
    )
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

describe('whatever is asked of an order, in whatever order and however often,', () => {
  const requests = fc.array(fc.constantFrom(...orderStates), { maxLength: 30 })
  const start = placed()
  /** The order after each request. */
  const live = (asked: readonly Order['state'][]) => {
    let order = start
    return asked.map((to) => {
      order = transition(order, to, later) ?? order
      return order
    })
  }

  test('it reaches no state twice, and is in the one that it reached last', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const { state, history } = live(asked).at(-1) ?? start
        const states = history.map((step) => step.state)
        expect(new Set(states).size).toBe(states.length)
        expect(states.at(-1)).toBe(state)
        expect(states[0]).toBe('placed')
      }),
    )
  })

  test('nothing that happened is taken back, and what ended stays ended', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const lives = [start, ...live(asked)]
        for (const [at, order] of lives.entries()) {
          const before = lives[at - 1]
          if (!before) continue
          expect(order.history.slice(0, before.history.length)).toEqual(before.history)
          if (['complete', 'cancelled'].includes(before.state)) expect(order).toBe(before)
        }
      }),
    )
  })

  test('asking twice is asking once', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const twice = asked.flatMap((state) => [state, state])
        expect(live(twice).at(-1)).toEqual(live(asked).at(-1))
      }),
    )
  })

  test('each step is one that the database is told to allow, and it is told of no other', () => {
    fc.assert(
      fc.property(requests, fc.constantFrom(...orderStates), (asked, to) => {
        const order = live(asked).at(-1) ?? start
        const moved = transition(order, to, later)
        expect(statesBefore(to).includes(order.state)).toBe(moved !== null && moved !== order)
      }),
    )
  })

  test('what it costs, what was bought and by whom never change', () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const { state: _, history: __, ...rest } = live(asked).at(-1) ?? start
        const { state: ___, history: ____, ...was } = start
        expect(rest).toEqual(was)
      }),
    )
  })
})

test.each([
  [0, 1200, 3600],
  [2, 9.99, 29.97],
  [3, 1.234, 3.702],
])('in a currency of %i decimals three of %d cost %d', (decimals, price, total) => {
  const rope = { id: 1, name: 'n', description: 'd', image: 'i', price }
  const basket = { customerId: 'c', items: [{ productId: 1, quantity: 3 }] }
  const placed = newOrder({ id: 'o', number: '48219-30755' }, basket, new Map([[1, rope]]), now, decimals)
  if ('unknown' in placed) throw new Error('no such product')
  expect(toWire(placed.order, decimals)).toMatchObject({ total, items: [{ price }] })
})

test('a total is the exact sum of its lines, to the cent', () => {
  const price = fc.integer({ min: 0, max: 100_000_000 })
  const line = fc.record({ cents: price, quantity: fc.integer({ min: 1, max: 999 }) })
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 100 }), (lines) => {
      const products = new Map(
        lines.map(({ cents }, at) => [
          at + 1,
          { id: at + 1, name: 'n', description: 'd', image: 'i', price: cents / 100 },
        ]),
      )
      const items = lines.map(({ quantity }, at) => ({ productId: at + 1, quantity }))
      const result = newOrder({ id: 'o', number: '48219-30755' }, { customerId: 'c', items }, products, now)
      const exact = lines.reduce((sum, { cents, quantity }) => sum + BigInt(cents) * BigInt(quantity), 0n)
      expect('order' in result && BigInt(result.order.total)).toBe(exact)
    }),
  )
})

describe('an order is what placing a basket gives', () => {
  const items = [
    { productId: 1, quantity: 3 },
    { productId: 2, quantity: 1 },
  ]
  const order = placed(items)

  test('when customer, products, pieces and their sequence are the same', () => {
    expect(isOrderOf(order, { customerId: 'c', items })).toBe(true)
  })

  test.each([
    ['another customer', { customerId: 'd', items }],
    ['a line less', { customerId: 'c', items: items.slice(0, 1) }],
    ['a line more', { customerId: 'c', items: [...items, { productId: 1, quantity: 1 }] }],
    ['another product', { customerId: 'c', items: [{ productId: 2, quantity: 3 }, ...items.slice(1)] }],
    ['more pieces', { customerId: 'c', items: [{ productId: 1, quantity: 4 }, ...items.slice(1)] }],
    ['another sequence', { customerId: 'c', items: items.toReversed() }],
  ])('and not with %s', (_what, basket) => {
    expect(isOrderOf(order, basket)).toBe(false)
  })
})

test('the wire has all of an order: who, what, when, and every step with its time', () => {
  const order = transition(placed(), 'pending', later) as Order
  expect(toWire(order)).toEqual({
    orderId: 'o1',
    number: order.number,
    customerId: 'c',
    items: [{ productId: 1, name: 'Rope', quantity: 3, price: 0.1 }],
    status: 0,
    state: 'pending',
    total: 0.3,
    createdAt: '2026-01-02T03:04:05.678Z',
    history: [
      { state: 'placed', at: '2026-01-02T03:04:05.678Z' },
      { state: 'pending', at: '2026-01-02T03:05:00.000Z' },
    ],
  })
})
