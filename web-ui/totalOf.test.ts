import { expect, test } from 'vitest'
import { totalOf } from './totalOf.ts'

test('sums are exact to the cent', () => {
  expect(totalOf([])).toBe(0)
  expect(totalOf([{ price: 1.1, quantity: 3 }])).toBe(3.3)
  expect(
    totalOf([
      { price: 0.1, quantity: 1 },
      { price: 0.2, quantity: 1 },
      { price: 19.99, quantity: 999 },
    ]),
  ).toBe(19_970.31)
})
