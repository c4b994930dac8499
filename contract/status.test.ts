import { expect, test } from 'vitest'
import { isCancellable, isFinal, nextStates, orderStates, stateAskedFor, statusCodes } from './status.ts'

// The demo's pages write "Pending" for 0 and "Completed" for any other number; its admin ("Complete Order") and its
// virtual worker PUT 1: store-admin/src/views/OrderListView.vue, OrderDetailView.vue and virtual-worker/src/main.rs of
// Azure-Samples/aks-store-demo.
test("the demo's 1 completes an order, with or without the state that its admin had read", () => {
  expect(stateAskedFor({ status: 1 })).toBe('complete')
  expect(stateAskedFor({ status: 1, state: 'pending' })).toBe('complete')
  expect(stateAskedFor({ status: 1, state: 'placed' })).toBe('complete')
  expect(stateAskedFor({ status: 2 })).toBe('complete')
  expect(stateAskedFor({ status: 2, state: 'processing' })).toBe('complete')
})

test('a state with the number that belongs to it is what it says', () => {
  for (const state of orderStates) expect(stateAskedFor({ status: statusCodes[state], state })).toBe(state)
})

test('the other numbers are what they are on the wire', () => {
  expect(stateAskedFor({ status: 0 })).toBe('pending')
  expect(stateAskedFor({ status: 3 })).toBe('cancelled')
  expect(stateAskedFor({ status: 3, state: 'complete' })).toBe('cancelled')
})

test('an order that is complete or cancelled is at its end; only one that nobody began can be cancelled', () => {
  expect(orderStates.filter(isFinal)).toEqual(['complete', 'cancelled'])
  expect(orderStates.filter(isCancellable)).toEqual(['placed', 'pending'])
})

// The life of an order as docs/orders.md has it.
test.each([
  ['placed', ['pending', 'cancelled']],
  ['pending', ['processing', 'complete', 'cancelled']],
  ['processing', ['complete']],
  ['complete', []],
  ['cancelled', []],
] as const)('an order that is %s can become %j and nothing else', (from, to) => {
  expect(orderStates.filter((state) => nextStates[from].includes(state))).toEqual(to)
})
