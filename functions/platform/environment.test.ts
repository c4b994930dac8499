/** How each kind of setting is read: what it becomes, and what is said of a wrong one. */
import { expect, test } from 'vitest'
import { type Env, type Fault, flag, number, url } from './environment.ts'

/** What a reader makes of a setting `X`, with the faults that it tells. */
function read<T>(text: string | undefined, reader: (env: Env, name: string, fault: Fault) => T) {
  const faults: string[] = []
  const value = reader({ X: text }, 'X', (name, reason) => faults.push(`${name} ${reason}`))
  return { value, faults }
}

test.each([
  [undefined, undefined],
  ['', undefined],
  ['  ', undefined],
  ['true', true],
  [' True ', true],
  ['1', true],
  ['false', false],
  ['FALSE', false],
  ['0', false],
])('the switch %j is %j', (text, value) => expect(read(text, flag)).toEqual({ value, faults: [] }))

test.each(['yes', 'on', 'truee', '10'])('the switch %j is told of', (text) => {
  expect(read(text, flag).faults).toEqual(['X is neither "true" nor "false"; for example "true"'])
})

const address = (env: Env, name: string, fault: Fault) => url(env, name, 'https://a.example', fault)

test.each([
  ['https://a.example', 'https://a.example'],
  [' http://a.example:8080/v1// ', 'http://a.example:8080/v1'],
  ['https://a.example//v1', 'https://a.example//v1'],
])('the address %j is %j', (text, value) => expect(read(text, address)).toEqual({ value, faults: [] }))

test.each([undefined, '', ' '])('an address that is not set (%j) is told of', (text) => {
  expect(read(text, address)).toEqual({
    value: '',
    faults: ['X is not set; for example "https://a.example"'],
  })
})

test.each(['a.example', 'ftp://a.example', 'xhttps://a.example', 'httpsx://a.example', '/v1'])(
  'the address %j is told of',
  (text) => {
    expect(read(text, address).faults).toEqual(['X is not an address; for example "https://a.example"'])
  },
)

const within = (otherwise: number | undefined, whole?: boolean) => (env: Env, name: string, fault: Fault) =>
  number(env, name, otherwise, { least: 1, most: 3, ...(whole === undefined ? {} : { whole }) }, fault)

test.each([
  [undefined, 2],
  [' ', 2],
  ['1', 1],
  [' 3 ', 3],
  ['1.5', 1.5],
])('the number %j is %j', (text, value) => expect(read(text, within(2))).toEqual({ value, faults: [] }))

test('a number without a value of its own may be left out', () => {
  expect(read(undefined, within(undefined))).toEqual({ value: undefined, faults: [] })
  expect(read('x', within(undefined)).faults).toEqual(['X is not a number from 1 to 3; for example "1"'])
})

test.each(['0.9', '3.1', 'x', '-1', 'NaN', 'Infinity'])('the number %j is told of', (text) => {
  expect(read(text, within(2)).faults).toEqual(['X is not a number from 1 to 3; for example "2"'])
})

test('a number that has to be whole is', () => {
  expect(read('3', within(2, true))).toEqual({ value: 3, faults: [] })
  expect(read('1.5', within(2, true)).faults).toEqual([
    'X is not a whole number from 1 to 3; for example "2"',
  ])
})
