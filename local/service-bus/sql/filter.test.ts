import { describe, expect, it } from 'vitest'
import type { TypedValue } from '../engine/value.ts'
import { SqlEvaluationError, SqlSyntaxError } from './error.ts'
import { evaluate, type Scope, test } from './evaluate.ts'
import { parseAction, parseFilter } from './parser.ts'

// Expectations: "Subscription rule SQL filter syntax" and "… action syntax" on Microsoft Learn.

const user: Record<string, TypedValue> = {
  colour: { type: 'string', value: 'blue' },
  size: { type: 'int', value: 7n },
  weight: { type: 'double', value: 2.5 },
  matt: { type: 'boolean', value: true },
  nothing: { type: 'null', value: null },
  'HR-EmployeeID': { type: 'string', value: 'x]y' },
  ordered: { type: 'timestamp', value: new Date(1000) },
  path: { type: 'string', value: '100%' },
}
const system: Record<string, TypedValue> = { Label: { type: 'string', value: 'order' } }

const scope: Scope = {
  property({ scope: place, name }) {
    const properties = place === 'sys' ? system : user
    return properties[Object.keys(properties).find((n) => n.toLowerCase() === name.toLowerCase()) ?? '']
  },
  parameter: (name) => (name === '@wanted' ? { type: 'string', value: 'blue' } : undefined),
}

const result = (expression: string) => test(parseFilter(expression), scope)

describe('an SQL filter', () => {
  it.each([
    ['1=1', true],
    ['1 = 0', false],
    ['TRUE', true],
    ["colour = 'blue'", true],
    ["COLOUR = 'blue'", true],
    ["colour = 'Blue'", false],
    ["colour <> 'red'", true],
    ["colour != 'red'", true],
    ['size > 6 AND size >= 7 AND size < 8 AND size <= 7', true],
    ['size = 7.0', true],
    ['weight = 2.5 AND weight < 3', true],
    ['weight = 25E-1', true],
    ['matt = TRUE', true],
    ["sys.Label = 'order'", true],
    ["sys.label LIKE 'ord%' OR user.colour = 'red'", true],
    ["Label = 'order'", undefined],
    ["colour = @wanted AND 'a' = 'a'", true],
    ["colour > 'black'", true],
  ])('compares: %s', (expression, expected) => expect(result(expression)).toBe(expected))

  it.each([
    ["NOT colour = 'red' AND size = 7", true],
    ["NOT (colour = 'blue' AND size = 8)", true],
    ['1=0 AND 1=0 OR 1=1', true],
    ['1=1 OR 1=0 AND 1=0', true],
    ['((size)) = (3 + 4)', true],
    ['(size = 7) OR missing = 1', true],
  ])('binds NOT before AND before OR: %s', (expression, expected) =>
    expect(result(expression)).toBe(expected),
  )

  it.each([
    ['missing = 1', undefined],
    ['NOT missing = 1', undefined],
    ['missing = 1 AND 1=0', false],
    ['missing = 1 AND 1=1', undefined],
    ['missing = 1 OR 1=1', true],
    ['missing = 1 OR 1=0', undefined],
    ['missing + 1 > 0', undefined],
    ['- missing < 0', undefined],
    ["missing LIKE 'a%'", undefined],
    ["missing NOT LIKE 'a%'", undefined],
    ["missing IN ('a')", undefined],
    ["missing NOT IN ('a')", undefined],
    ['nothing = NULL', undefined],
  ])('has a third value, unknown: %s', (expression, expected) => expect(result(expression)).toBe(expected))

  it.each([
    ['missing IS NULL', true],
    ['nothing IS NULL', true],
    ['colour IS NULL', false],
    ['colour IS NOT NULL', true],
    ['EXISTS(colour)', true],
    ['NOT EXISTS (missing)', true],
    ['exists(sys.Label)', true],
    ["colour IN ('red', 'blue')", true],
    ["colour NOT IN ('red', 'green')", true],
    ['size IN (1, 2, 3 + 4)', true],
    ["colour LIKE 'b_ue'", true],
    ["colour LIKE '%l%e'", true],
    ["colour NOT LIKE 'b%'", false],
    ["path LIKE '100\\%' ESCAPE '\\'", true],
    ["colour LIKE 'b\\%' ESCAPE '\\'", false],
    ["colour LIKE 'blue%%'", true],
    ["[HR-EmployeeID] = 'x]y'", true],
    ['"HR-EmployeeID" IS NOT NULL', true],
    ["property('col' + 'our') = 'blue'", true],
    ["p('missing') IS NULL", 'IS NULL'],
    ["'it''s' = 'it''s'", true],
  ])('knows the other predicates: %s', (expression, expected) => {
    if (expected === 'IS NULL') expect(() => result(expression)).toThrow(/Only a property/)
    else expect(result(expression)).toBe(expected)
  })

  it.each([
    ['1 + 2 * 3', { type: 'long', value: 7n }],
    ['(1 + 2) * 3', { type: 'long', value: 9n }],
    ['7 / 2', { type: 'long', value: 3n }],
    ['7 / 2.0', { type: 'double', value: 3.5 }],
    ['-7 % 4', { type: 'long', value: -3n }],
    ['10 - 2 - 3', { type: 'long', value: 5n }],
    ['- - 5', { type: 'long', value: 5n }],
    ["'a' + 'b'", { type: 'string', value: 'ab' }],
    ['-9223372036854775808', { type: 'long', value: -(2n ** 63n) }],
    ['.5', { type: 'double', value: 0.5 }],
  ])('calculates as C# does: %s', (expression, expected) => {
    const [statement] = parseAction(`SET x = ${expression}`)
    if (statement?.kind !== 'set') throw new Error('not a SET')
    expect(evaluate(statement.value, scope)).toEqual(expected)
  })

  it('makes a new UUID at every evaluation', () => {
    const [statement] = parseAction('SET x = newid()')
    if (statement?.kind !== 'set') throw new Error('not a SET')
    const first = evaluate(statement.value, scope)
    expect(first).toMatchObject({ type: 'uuid', value: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(evaluate(statement.value, scope)).not.toEqual(first)
  })

  it.each([
    ['colour > 5', /'>' cannot be applied to operands of type 'string' and 'long'/],
    ['size / 0 = 1', /divide by zero/],
    ['size LIKE 7', /LIKE cannot be applied/],
    ["colour * 2 = 'x'", /'\*' cannot be applied/],
    ['colour = @unset', /'@unset' has no value/],
    ["colour LIKE 'b' ESCAPE 'xy'", /one character/],
  ])('cannot be evaluated where C# would have no operator: %s', (expression, message) => {
    expect(() => result(expression)).toThrow(SqlEvaluationError)
    expect(() => result(expression)).toThrow(message)
  })

  it.each([
    ['', /A value is expected at position 1/],
    ['colour =', /A value is expected at position 9/],
    ["colour = 'blue", /without its closing quote at position 10/],
    ["colour = 'blue' extra", /The end is expected here, not 'extra'/],
    ['colour', /A condition is expected/],
    ['size + 1', /A condition is expected/],
    ['(1=1) = 2', /A value is expected, not a condition/],
    ['size + 1 IS NULL', /Only a property/],
    ['colour IN ()', /A value is expected/],
    ['colour NOT = 5', /IN or LIKE is expected/],
    ['_hidden = 1', /'_' is not expected/],
    ['foo.bar = 1', /'foo' is not a scope/],
    ['upper(colour) = 1', /'upper' is not a function/],
    ["and = 'x'", /A value is expected/],
    ['99999999999999999999 = 1', /64 bits/],
    [`${'('.repeat(40)}1=1${')'.repeat(40)}`, /too deeply/],
    [`colour = '${'x'.repeat(1100)}'`, /at most 1024/],
  ])('is refused with its place when it breaks the grammar: %s', (expression, message) => {
    expect(() => parseFilter(expression)).toThrow(SqlSyntaxError)
    expect(() => parseFilter(expression)).toThrow(message)
  })

  it('answers a hostile pattern at once', () => {
    user.long = { type: 'string', value: 'a'.repeat(5000) }
    expect(result(`long LIKE '${'%a'.repeat(200)}b'`)).toBe(false)
  })
})

describe('an SQL action', () => {
  it('is a list of SET and REMOVE, with or without semicolons', () => {
    expect(parseAction("SET sys.Label = 'x'; SET [a b] = size + 1 REMOVE colour;")).toMatchObject([
      { kind: 'set', property: { scope: 'sys', name: 'Label' } },
      { kind: 'set', property: { scope: 'user', name: 'a b' }, value: { kind: 'arithmetic' } },
      { kind: 'remove', property: { scope: 'user', name: 'colour' } },
    ])
  })

  it.each([
    ['', /SET or REMOVE is expected/],
    ['SET colour', /'=' is expected/],
    ['UPDATE colour = 1', /SET or REMOVE is expected/],
    ['REMOVE', /The name of a property/],
    ["SET colour = 'a' = 'b'", /SET or REMOVE is expected/],
  ])('is refused when it breaks the grammar: %s', (expression, message) => {
    expect(() => parseAction(expression)).toThrow(message)
  })
})
