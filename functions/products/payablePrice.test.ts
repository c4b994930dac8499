/** Prices against what can be paid: ISO 4217 gives the dollar two decimals, the yen none, the Kuwaiti dinar three. */
import { expect, test } from 'vitest'
import { demandPayable, withPayablePrice } from './payablePrice.ts'

test.each([
  [2, 9.994, 9.99],
  [2, 9.995, 10],
  [2, 0, 0],
  [0, 9.5, 10],
  [3, 1.2345, 1.235],
])('with %i decimals %d becomes %d, and the rest stays', (decimals, price, payable) => {
  expect(withPayablePrice({ name: 'Rope', price }, decimals)).toEqual({ name: 'Rope', price: payable })
})

const fault = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    return error
  }
}

test.each([
  [2, 0.004, 'must have at most two decimal places'],
  [0, 0.4, 'must be a whole number'],
  [3, 0.0004, 'must have at most 3 decimal places'],
])('with %i decimals %d is no gift, and no price', (decimals, price, detail) => {
  expect(fault(() => withPayablePrice({ price }, decimals))).toMatchObject({
    status: 400,
    message: 'The request is not valid.',
    errors: [{ pointer: '/price', detail }],
  })
})

test('a price is demanded as it is, and the field at fault is named', () => {
  expect(fault(() => demandPayable(9.99, 2))).toBeUndefined()
  expect(fault(() => demandPayable(9.999, 2, '/7/price'))).toMatchObject({
    errors: [{ pointer: '/7/price' }],
  })
})
