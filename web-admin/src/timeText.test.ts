import { expect, test } from 'vitest'
import { agoText, spanText } from './timeText.ts'

const now = Date.UTC(2026, 10, 23, 12)
const second = 1000
const minute = 60 * second

test.each([
  [3 * second, 'now'],
  [34 * second, '30 sec. ago'],
  [3 * minute, '3 min. ago'],
  [59 * minute, '59 min. ago'],
  [26 * 60 * minute, 'yesterday'],
  [-5 * minute, 'now'],
])('%i ms ago', (span, text) => {
  expect(agoText(now - span, now)).toBe(text)
})

test.each([
  [0, '0 sec'],
  [42.4, '42 sec'],
  [60, '1 min'],
  [3_725, '1 hr 2 min'],
  [3_605, '1 hr'],
  [200_000, '2 days 7 hr'],
])('%d seconds', (seconds, text) => {
  expect(spanText(seconds)).toBe(text)
})
