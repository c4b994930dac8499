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
})
