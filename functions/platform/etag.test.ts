import { answerShape } from '@store/contract'
import { expect, test } from 'vitest'
import { entityTag, matchesWeakly } from './etag.ts'

test.each([
  ['0800-1a', `"0800-1a.${answerShape}"`],
  ['"0800-1a"', `"0800-1a.${answerShape}"`],
  ['W/"0800-1a"', `W/"0800-1a.${answerShape}"`],
])('%s goes out as %s, with the name of the shape of answers', (etag, tag) => {
  expect(entityTag(etag)).toBe(tag)
})

test.each([
  ['"a"', true],
  ['"x", "a"', true],
  ['W/"a"', true],
  [' * ', true],
  ['"x,a"', false],
  ['a', false],
  ['', false],
  [null, false],
])('%j matches "a": %s', (header, matching) => {
  expect(matchesWeakly(header, '"a"')).toBe(matching)
})

test('a weak tag of ours matches the same tag that is none', () => {
  expect(matchesWeakly('"a"', 'W/"a"')).toBe(true)
})
