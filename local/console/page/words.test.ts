import { expect, test } from 'vitest'
import { time } from './words.ts'

const now = new Date(2026, 10, 25, 12)

test.each([
  [new Date(2026, 10, 25, 9, 5, 7).getTime(), '09:05:07'],
  [new Date(2026, 10, 24, 9, 5, 7).toISOString(), 'Nov 24, 2026, 09:05:07'],
  [new Date(2026, 10, 26, 0, 0).toISOString(), 'Nov 26, 2026, 00:00:00'],
  [undefined, '–'],
  [null, '–'],
  [0, '–'],
  ['no time', '–'],
  [1e300, '–'],
])('the time %s reads %s', (at, words) => {
  expect(time(at, now)).toBe(words)
})
