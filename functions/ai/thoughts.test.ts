import { expect, test } from 'vitest'
import { afterThoughts, withoutThoughts } from './thoughts.ts'

const answerOf = (pieces: Iterable<string>) => {
  const thoughts = withoutThoughts()
  return Array.from(pieces, (piece) => thoughts.add(piece)).join('') + thoughts.rest()
}

test.each([
  ['<think>A squid. Squeaky.</think>\n\nIt squeaks.', 'It squeaks.'],
  ['It squeaks.', 'It squeaks.'],
  ['<think></think>It squeaks.', 'It squeaks.'],
  ['It is < 3 cm <b>long</b>.', 'It is < 3 cm <b>long</b>.'],
  ['It<think>hm</think> squeaks.', 'It squeaks.'],
  ['<think>It never ends', ''],
  ['1 <', '1 <'],
])('of %j stays %j, however it comes in pieces', (written, answer) => {
  expect(answerOf([written])).toBe(answer)
  expect(answerOf(written)).toBe(answer)
  for (let at = 0; at < written.length; at++)
    expect(answerOf([written.slice(0, at), written.slice(at)])).toBe(answer)
})

test('a whole text has no thoughts before it, even where their beginning is missing', () => {
  expect(afterThoughts('A squid.\n</think>\nIt squeaks.')).toBe('\nIt squeaks.')
  expect(afterThoughts('It squeaks.')).toBe('It squeaks.')
})
