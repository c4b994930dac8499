/** Templates that are refused: the rest of routing is asked over HTTP. */
import { expect, test } from 'vitest'
import { createRouter } from './route.ts'

const compile = (template: string) => createRouter([{ template, methods: new Set(['GET']), target: 'one' }])

test.each([
  ['a//b', 'a segment is empty'],
  ['a/{b', 'a brace is not closed'],
  ['{a}/{A}', 'a parameter occurs twice'],
  ['{*rest}/more', 'must come last'],
  ['x{*rest}', 'must stand alone'],
  ['{id:number}', 'there is no constraint "number"'],
  ['{n:min}', 'needs a number'],
  ['{name?}.{extension}', 'only the last parameter can be optional'],
  ['{name}-{extension?}', 'after a dot'],
])('%s is refused: %s', (template, reason) => {
  expect(() => compile(template)).toThrow(reason)
})
