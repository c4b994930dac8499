import { arrays } from './arrays.ts'
import { dateTime } from './dateTime.ts'
import type { BuiltIn } from './function.ts'
import { maths } from './maths.ts'
import { text } from './text.ts'
import { types } from './types.ts'

/** The built-in functions by their names in capitals. Aggregates stand in `aggregates.ts`. */
export const functions: ReadonlyMap<string, BuiltIn> = new Map(
  Object.entries({ ...arrays, ...dateTime, ...maths, ...text, ...types }),
)

/** What this server does not imitate, and how it is called. */
export const notImitated: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /^FULLTEXT|^RRF$/, what: 'full-text search' },
  { pattern: /^VECTORDISTANCE$/, what: 'vector search' },
  { pattern: /^ST_/, what: 'spatial functions' },
  { pattern: /^DOCUMENTID$/, what: 'internal document numbers' },
]
