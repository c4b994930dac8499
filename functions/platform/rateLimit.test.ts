import { expect, test } from 'vitest'
import { rateLimit } from './rateLimit.ts'

/** How many of so many calls in a row are let through. */
function passing(limit: ReturnType<typeof rateLimit>, caller: string, calls: number): number {
  let passed = 0
  for (let n = 0; n < calls; n++) {
    if (limit.waitOf(caller) > 0) continue
    limit.count(caller)
    passed++
  }
  return passed
}

test.each([1, 7, 120])('%i a minute are let through at once, and no more', (perMinute) => {
  expect(
    passing(
      rateLimit(perMinute, () => 5),
      'a',
      500,
    ),
  ).toBe(perMinute)
})

test('they come back one by one, and the wait that is told is the one it takes', () => {
  let time = 1_000
  const limit = rateLimit(6, () => time)
  expect(passing(limit, 'a', 10)).toBe(6)
  expect(limit.waitOf('a')).toBe(10_000)
  time += 9_999
  expect(limit.waitOf('a')).toBe(1)
  time += 1
  expect(passing(limit, 'a', 10)).toBe(1)
  time += 600_000
  expect(passing(limit, 'a', 10)).toBe(6)
})

test('what counts for more takes as much of the rate, and waits until there is room for all of it', () => {
  let time = 1_000
  const limit = rateLimit(60, () => time)
  for (const wait of [0, 0, 0]) {
    expect(limit.waitOf('a', 20)).toBe(wait)
    limit.count('a', 20)
  }
  expect([limit.waitOf('a'), limit.waitOf('a', 20)]).toEqual([1_000, 20_000])
  time += 20_000
  expect(limit.waitOf('a', 20)).toBe(0)
})

test('each caller is counted alone, however many there are', () => {
  const limit = rateLimit(2, () => 0)
  for (let n = 0; n < 5_000; n++) expect(passing(limit, `caller-${n}`, 5)).toBe(2)
  expect(limit.waitOf('caller-0')).toBeGreaterThan(0)
})

test('who is forgotten to make room is one whose rate is whole again, and nobody else', () => {
  let time = 1_000
  const limit = rateLimit(2, () => time)
  for (let n = 0; n < 2; n++) limit.count('early')
  time += 59_999
  for (let n = 0; n < 2_000; n++) limit.count(`caller-${n}`)
  expect(limit.waitOf('early')).toBe(0)
  limit.count('early')
  expect(limit.waitOf('early')).toBe(1)
  for (let n = 0; n < 2_000; n++) expect(limit.waitOf(`caller-${n}`)).toBe(0)
})

test.each([86_229.276123, 72_585.271123, 42_256.182123])('at a clock of %d it passes no fewer', (time) => {
  expect(
    passing(
      rateLimit(60, () => time),
      'a',
      100,
    ),
  ).toBe(60)
})
