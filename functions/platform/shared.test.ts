import { expect, test } from 'vitest'
import { shared } from './shared.ts'

test('those who ask at once share one read, and whoever asks while it is under way gets the next', async () => {
  let stored = 1
  let reads = 0
  const read = shared(async () => {
    reads++
    const seen = stored
    await new Promise((resolve) => setTimeout(resolve, 5))
    return seen
  })
  const first = [read(), read(), read()]
  await new Promise((resolve) => setImmediate(resolve))
  stored = 2
  expect(await read()).toBe(2)
  expect(await Promise.all(first)).toEqual([1, 1, 1])
  expect(reads).toBe(2)
})

test('what was stored before someone asked is seen, also by those who asked earlier in the turn', async () => {
  let stored = 1
  const read = shared(async () => stored)
  const early = read()
  stored = 2
  expect(await Promise.all([early, read()])).toEqual([2, 2])
})

test('a read that fails does so for those who asked for it', async () => {
  let fails = true
  const read = shared(async () => {
    if (fails) throw new Error('away')
    return 'here'
  })
  const results = await Promise.allSettled([read(), read()])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  expect(await read()).toBe('here')
})
