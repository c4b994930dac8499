import { expect, test } from 'vitest'
import { decimalsOf, fromMinor, isPayable, toMinor } from './currency.ts'

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
