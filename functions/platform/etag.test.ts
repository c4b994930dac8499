import { answerShape } from '@store/contract'
import { expect, test } from 'vitest'
import { entityTag, matchesStrongly, matchesWeakly } from './etag.ts'

test.each([
  ['0800-1a', `"0800-1a.${answerShape}"`],
  ['"0800-1a"', `"0800-1a.${answerShape}"`],
  ['W/"0800-1a"', `W/"0800-1a.${answerShape}"`],
])('%s goes out as %s, with the name of the shape of answers', (etag, tag) => {
  expect(entityTag(etag)).toBe(tag)
})

test.each([
  ['"a"', true, true],
  ['"x", "a"', true, true],
  ['W/"a"', true, false],
  [' * ', true, true],
  ['"x,a"', false, false],
  ['a', false, false],
  ['', false, false],
  [null, false, false],
])('%j matches "a" weakly: %s, strongly: %s', (header, weakly, strongly) => {
  expect(matchesWeakly(header, '"a"')).toBe(weakly)
  expect(matchesStrongly(header, '"a"')).toBe(strongly)
})

test('a weak tag of ours matches weakly alone', () => {
  expect(matchesWeakly('"a"', 'W/"a"')).toBe(true)
  expect(matchesStrongly('W/"a"', 'W/"a"')).toBe(false)
})
