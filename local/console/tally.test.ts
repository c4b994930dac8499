import { expect, test } from 'vitest'
import { type Evidence, tallyOf } from './tally.ts'

const order = (id: string, ...states: string[]) => ({
  id,
  customerId: 'somebody',
  createdAt: '2026-11-25T10:00:00.000Z',
  state: states.at(-1) ?? '',
  history: states.map((state) => ({ state })),
})
const evidence = (more: Partial<Evidence>): Evidence => ({
  orders: [],
  customers: new Set(),
  answered: new Set(),
  told: new Set(),
  toldAll: true,
  lookedAt: '2026-11-25T10:01:00.000Z',
  deadLettered: new Set(),
  ...more,
})
const nothing = {
  accepted: 0,
  made: 0,
  waiting: 0,
  untold: 0,
  deadLettered: 0,
  cancelled: 0,
  lost: 0,
  doubled: 0,
}

test('each accepted order is in one place', () => {
  const orders = [
    order('complete', 'placed', 'pending', 'complete'),
    order('taken back later', 'placed', 'pending', 'cancelled'),
    order('taken back', 'placed', 'cancelled'),
    order('in the queue', 'placed'),
    order('dead-lettered', 'placed'),
    order('not told', 'placed'),
  ]
  const answered = new Set(['complete', 'gone'])
  const told = new Set(['in the queue', 'complete', 'a stranger'])
  expect(tallyOf(evidence({ orders, answered, told, deadLettered: new Set(['dead-lettered']) }))).toEqual({
    ...nothing,
    accepted: 7,
    made: 2,
    cancelled: 1,
    waiting: 1,
    deadLettered: 1,
    untold: 1,
    lost: 1,
  })
})

test('made twice is doubled, and so is the second order of a customer who wanted one', () => {
  const orders = [order('1', 'placed', 'pending', 'pending'), order('2', 'placed', 'pending')]
  expect(tallyOf(evidence({ orders }))).toEqual({ ...nothing, accepted: 2, made: 2, doubled: 1 })
  const [first, second] = orders.map((one) => ({ ...one, customerId: 'console-1' }))
  const twice = [order('0', 'placed', 'pending'), first, second].filter((one) => one !== undefined)
  expect(tallyOf(evidence({ orders: twice, customers: new Set(['console-1']) })).doubled).toBe(2)
})

test('an order of which no message is seen is not said to be forgotten while one may be on its way', () => {
  const orders = [order('1', 'placed')]
  expect(tallyOf(evidence({ orders }))).toMatchObject({ untold: 1, waiting: 0 })
  const atOnce = { orders, lookedAt: '2026-11-25T10:00:00.500Z' }
  expect(tallyOf(evidence(atOnce))).toMatchObject({ untold: 0, waiting: 1 })
  expect(tallyOf(evidence({ orders, toldAll: false }))).toMatchObject({ untold: 0, waiting: 1 })
})
