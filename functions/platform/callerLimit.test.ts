/** Who a caller is, and what those are told who ask too often. The clock stands still: nobody gets room again. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { callerLimit } from './callerLimit.ts'

beforeEach(() => void vi.spyOn(performance, 'now').mockReturnValue(1_000))
afterEach(() => vi.restoreAllMocks())

/** Whether a second caller is the one that used up its rate. */
function isSame(one: string | null, other: string | null): boolean {
  const count = callerLimit({ caller: 1, all: 0 }, 'calls')
  count(one)
  try {
    count(other)
  } catch {
    return true
  }
  return false
}

// Azure's front writes the port behind the address that it saw.
test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.1', '10.0.0.1:4711'],
  ['10.0.0.1:1', '10.0.0.1:65535'],
  ['10.0.0.1', ' 10.0.0.1 , 20.0.0.1'],
  ['203.0.113.255:9', '203.0.113.255'],
  ['[2001:db8::1]', '[2001:db8::1]:443'],
  ['[::1]:1', '[::1]:2'],
  [null, ''],
])('%j and %j are one caller', (one, other) => expect(isSame(one, other)).toBe(true))

test.each([
  ['10.0.0.1', '10.0.0.2'],
  ['10.0.0.1:1', '10.0.0.10:1'],
  ['20.0.0.1, 10.0.0.1', '30.0.0.1, 10.0.0.1'],
  ['2001:db8::1', '2001:db8::2'],
  ['[2001:db8::1]:443', '[2001:db8::2]:443'],
  ['host:1', 'host:2'],
  ['10.0.0.1:1x', '10.0.0.1:1y'],
  ['x10.0.0.1:1', 'x10.0.0.1:2'],
  ['[::1]:1x', '[::1]:1y'],
  ['x[::1]:1', 'x[::1]:2'],
  [null, '10.0.0.1'],
])('%j and %j are two', (one, other) => expect(isSame(one, other)).toBe(false))

test('who asks too often is told what of, and when there is room again', () => {
  const count = callerLimit({ caller: 6, all: 0 }, 'orders')
  count('a', 4)
  expect(() => count('a', 3)).toThrow(
    expect.objectContaining({
      status: 429,
      retryAfter: 10,
      message: 'Too many orders; there is room again in 10 s.',
    }),
  )
  // What was refused does not count.
  count('a', 2)
  expect(() => count('a')).toThrow()
  count('b')
})

test('all together have a limit of their own, of which nobody has a part; without limits there is none', () => {
  const all = callerLimit({ caller: 0, all: 3 }, 'orders')
  for (const caller of ['a', 'b', 'all']) all(caller)
  expect(() => all('c')).toThrow(expect.objectContaining({ retryAfter: 20 }))
  const both = callerLimit({ caller: 2, all: 60 }, 'orders')
  both('all', 2)
  expect(() => both('all')).toThrow(expect.objectContaining({ retryAfter: 30 }))
  both('c', 2)
  const none = callerLimit({ caller: 0, all: 0 }, 'orders')
  for (let n = 0; n < 1_000; n++) none('a')
})
