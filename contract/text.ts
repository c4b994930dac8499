import * as z from 'zod'

/**
 * Text that a person wrote: trimmed, not blank, at most `most` characters, and nothing in it that cannot be stored or
 * shown (half of a surrogate pair, control characters other than tabs and line ends), or that turns round the words
 * that a page puts around it. Characters that are not seen make no text, but belong to some (joined emoji, Persian).
 */
export const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1, { error: 'must not be blank', abort: true })
    .max(most)
    .refine(isSeen, 'must not be blank')
    .refine(isPlain, 'must not contain control characters or broken Unicode')
    .refine(keepsDirection, 'must not contain characters that turn the direction of text')

function isPlain(value: string) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return value.isWellFormed() && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value)
}

/** U+2800 and the Hangul fillers are letters and symbols to Unicode, and nothing to the eye. */
const isSeen = (value: string) =>
  /[^\s\p{C}\p{Z}\u2800\u115f\u1160\u3164\uffa0]/u.test(value) || !isPlain(value)

/** Embeddings, overrides and isolates: they work on until they are ended, which a name cannot be trusted to do. */
const keepsDirection = (value: string) => !/[\u202a-\u202e\u2066-\u2069]/.test(value)
