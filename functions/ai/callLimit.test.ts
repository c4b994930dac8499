import { expect, test } from 'vitest'
import { callLimit } from './callLimit.ts'

test('a user has so many calls in any minute, and learns when the next is free', () => {
  let now = 0
  const limit = callLimit({ user: 2, all: 10 }, () => now)
  expect(limit.take('ann')).toBeNull()
  now = 20_000
  expect(limit.take('ann')).toBeNull()
  now = 30_000
  expect(limit.take('ann')).toBe(30)
  expect(limit.take('bob')).toBeNull()
  now = 59_999
  expect(limit.take('ann')).toBe(1)
  now = 60_000
  expect(limit.take('ann')).toBeNull()
  expect(limit.take('ann')).toBe(20)
})

test('all together have so many', () => {
  let now = 0
  const limit = callLimit({ user: 2, all: 3 }, () => now)
  expect(['a', 'b', 'c'].map((user) => limit.take(user))).toEqual([null, null, null])
  now = 10_000
  expect(limit.take('d')).toBe(50)
  now = 60_000
  expect(limit.take('d')).toBeNull()
})
