import { expect, test } from 'vitest'
import { secondsToWait } from './retryAfter.ts'

test.each([
  [{}, undefined],
  [{ 'retry-after': '59' }, 59],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '-1' }, 0],
  [{ 'retry-after': '1.5' }, 1.5],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': 'Wed, 25 Nov 2026 08:00:30 GMT' }, 30],
  [{ 'retry-after': 'Wed, 25 Nov 2026 07:00:00 GMT' }, 0],
  [{ 'retry-after-ms': '1500', 'retry-after': '2' }, 1.5],
])('%j asks for %j seconds', (headers, seconds) => {
  expect(secondsToWait(new Headers(headers), Date.parse('2026-11-25T08:00:00Z'))).toBe(seconds)
})
