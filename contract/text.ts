import * as z from 'zod'

/**
 * Text that a person wrote: trimmed, not blank, at most `most` characters, and nothing in it that cannot be stored or
 * shown (half of a surrogate pair, control characters other than tabs and line ends).
 */
export const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be blank')
    .max(most)
    .refine(isPlain, 'must not contain control characters or broken Unicode')

function isPlain(value: string) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return value.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)
}
