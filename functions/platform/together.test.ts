import { expect, test } from 'vitest'
import { together } from './together.ts'

test('what is handed over in one turn is done in one go, or in several of at most so many', async () => {
  const goes: number[][] = []
  const send = together<number>(async (things) => void goes.push(things), 2)
  await Promise.all([send(1), send(2), send(3)])
  await send(4)
  expect(goes).toEqual([[1, 2], [3], [4]])
})

test('a go that fails does so for those who were in it, and for nobody after them', async () => {
  let fails = true
  const send = together<string>(async () => {
    if (fails) throw new Error('away')
  }, 10)
  const results = await Promise.allSettled([send('a'), send('b')])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  await send('c')
})
