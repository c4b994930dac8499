import { describe, expect, test } from 'vitest'
import { text } from './text.ts'

const messagesOf = (value: string) =>
  text(20)
    .safeParse(value)
    .error?.issues.map(({ message }) => message)
const messageOf = (value: string) => messagesOf(value)?.[0]

describe('text that a person wrote', () => {
  test.each(['', '  ', '\u200b\u200b', '\u200d', '\ufeff', '\u00ad', '\u2800', '\u3164', '\u2060 \u200e'])(
    '%j is blank, which is said once',
    (value) => expect(messagesOf(value)).toEqual(['must not be blank']),
  )

  test.each(['Toy \u202eof', 'a\u202ab', 'a\u2066b', 'a\u2069'])('%j turns the direction', (value) =>
    expect(messageOf(value)).toContain('direction'),
  )

  test.each(['Toy', '👩‍👩‍👧', 'می‌خواهم', 'כדור', 'a\u200eb', '…', '0', 'é'])('%j is text', (value) =>
    expect(messageOf(value)).toBe(undefined),
  )

  test.each(['a\u0000b', 'a\u0008', 'a\u000bb', 'a\u001fb', 'a\u007f', 'a\ud800b', 'a\udc00', '\u0000'])(
    '%j cannot be stored or shown',
    (value) => expect(messagesOf(value)).toEqual(['must not contain control characters or broken Unicode']),
  )

  test('tabs and line ends are text, and the blanks around it are not', () => {
    expect(text(20).parse(' \ta\tb\r\nc \n')).toBe('a\tb\r\nc')
    expect(text(3).safeParse('  abc  ').success).toBe(true)
    expect(text(3).safeParse('abcd').success).toBe(false)
  })
})
