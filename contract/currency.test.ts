import { expect, test } from 'vitest'
import { decimalsOf, fromMinor, isPayable, toMinor, toPayable } from './currency.ts'

// ISO 4217, table A.1: minor units.
test.each([
  ['USD', 2],
  ['EUR', 2],
  ['JPY', 0],
  ['KRW', 0],
  ['KWD', 3],
  ['TND', 3],
])('%s has %i decimals', (currency, decimals) => {
  expect(decimalsOf(currency)).toBe(decimals)
})

test.each(['', 'dollars', 'US', '$'])('%j is no currency', (currency) => {
  expect(() => decimalsOf(currency)).toThrow(RangeError)
})

test('amounts are whole minor units, and back', () => {
  expect([toMinor(9.99, 2), toMinor(1.1 * 3, 2), toMinor(1500, 0), toMinor(1.234, 3)]).toEqual([
    999, 330, 1500, 1234,
  ])
  expect([fromMinor(999, 2), fromMinor(1500, 0), fromMinor(1234, 3)]).toEqual([9.99, 1500, 1.234])
})

test('what the currency has no coin for cannot be paid', () => {
  expect([9.99, 0.1 + 0.2, 9.999, 1e-9].map((amount) => isPayable(amount, 2))).toEqual([
    true,
    false,
    false,
    false,
  ])
  expect([isPayable(9.99, 0), isPayable(10, 0), isPayable(1.234, 3)]).toEqual([false, true, true])
})

test('an amount is rounded to what can be paid, halves up', () => {
  const halves = [1.005, 2.675, 1.115, 9.994, 9.995, 9.99, 0.1 + 0.2, 1_000_000]
  expect(halves.map((amount) => toPayable(amount, 2))).toEqual([
    1.01, 2.68, 1.12, 9.99, 10, 9.99, 0.3, 1_000_000,
  ])
  expect([toPayable(9.5, 0), toPayable(9.49, 0), toPayable(1.2345, 3)]).toEqual([10, 9, 1.235])
})
