import { expect, test } from 'vitest'
import { type Evidence, tallyOf } from './tally.ts'

const order = (id: string, ...states: string[]) => ({
  id,
  state: states.at(-1) ?? '',
  history: states.map((state) => ({ state })),
})
const evidence = (more: Partial<Evidence>): Evidence => ({
  orders: [],
  answered: new Map(),
  told: new Set(),
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
  const answered = new Map([
    ['a', new Set(['complete'])],
    ['b', new Set(['gone'])],
  ])
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

test('made twice is doubled, and so is one key with two orders', () => {
  const orders = [order('1', 'placed', 'pending', 'pending'), order('2', 'placed', 'pending')]
  expect(tallyOf(evidence({ orders }))).toEqual({ ...nothing, accepted: 2, made: 2, doubled: 1 })
  const answered = new Map([['key', new Set(['1', '2'])]])
  expect(tallyOf(evidence({ orders, answered })).doubled).toBe(2)
})
