import { expect, test } from 'vitest'
import { fold, isFound, searchWords } from './search.ts'

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

test.each([
  ['', true],
  ['squid', true],
  ['SALTY squeaky', true],
  ["sailor's", true],
  ['sailor’s toy', true],
  ['salty parrot', false],
  ['squidtoy', false],
])('the search %j finds the squid: %j', (search, found) => {
  const squid = { name: 'Salty Sailor’s Squid', description: 'A squeaky toy.' }
  expect(isFound(squid, searchWords(search))).toBe(found)
  // What it read of a product it knows the next time.
  expect(isFound(squid, searchWords(search))).toBe(found)
})
