import { expect, test } from 'vitest'
import { fold, searchWords } from './search.ts'

test.each([
  ['CAFÉ', 'cafe'],
  ['Cafe\u0301', 'cafe'],
  ['Sailor’s', "sailor's"],
  ['Sailorʼs', "sailor's"],
  ['‘Sailor＇s', "'sailor's"],
  ['ﬁsh ２', 'fish 2'],
])('%j is found as %j', (text, folded) => expect(fold(text)).toBe(folded))

test('a search is its words, however many spaces are around them', () => {
  expect(searchWords('  Salty \t\n SQUID ')).toEqual(['salty', 'squid'])
  expect(searchWords(' ')).toEqual([])
})
