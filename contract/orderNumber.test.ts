import { expect, test } from 'vitest'
import { readOrderNumber } from './orderNumber.ts'

test.each(['48219-30755', '4821930755', ' 48219 30755 ', '482-193-0755', '48219–30755'])(
  'the number of an order is read from %j',
  (text) => expect(readOrderNumber(text)).toBe('48219-30755'),
)

test.each(['', '48219', '48219-307555', '08219-30755', 'No. 4821930755', '48219-3075a', '٤٨٢١٩٣٠٧٥٥'])(
  '%j is the number of no order',
  (text) => expect(readOrderNumber(text)).toBeUndefined(),
)
