import type { Json } from '../source.ts'
import { boundedTest } from './boundedTest.ts'
import { type BuiltIn, isArray, isNumber, isString, ofStrings, type Value } from './function.ts'

/** "String functions" of the NoSQL query language. */
export const text: Record<string, BuiltIn> = {
  CONCAT: ofStrings(2, Number.POSITIVE_INFINITY, (...texts) => texts.join('')),
  CONTAINS: search((text, part) => text.includes(part)),
  ENDSWITH: search((text, part) => text.endsWith(part)),
  STARTSWITH: search((text, part) => text.startsWith(part)),
  STRINGEQUALS: search((text, other) => text === other),
  CONTAINS_ALL_CI: searchMany(true, 'all'),
  CONTAINS_ALL_CS: searchMany(false, 'all'),
  CONTAINS_ANY_CI: searchMany(true, 'any'),
  CONTAINS_ANY_CS: searchMany(false, 'any'),
  INDEX_OF: position((text, part, from) => text.indexOf(part, from)),
  LASTINDEXOF: position((text, part, from) => text.lastIndexOf(part, from ?? text.length)),
  LEFT: beginning((text, count) => text.slice(0, count)),
  RIGHT: beginning((text, count) => text.slice(Math.max(0, text.length - count))),
  LENGTH: ofStrings(1, 1, (text) => text.length),
  LOWER: ofStrings(1, 1, (text) => text.toLowerCase()),
  UPPER: ofStrings(1, 1, (text) => text.toUpperCase()),
  LTRIM: ofStrings(1, 2, trimStart),
  RTRIM: ofStrings(1, 2, trimEnd),
  TRIM: ofStrings(1, 2, (text, characters) => trimStart(trimEnd(text, characters), characters)),
  REPLACE: ofStrings(3, 3, (text, find, by) => (find === '' ? text : text.replaceAll(find, () => by))),
  REVERSE: ofStrings(1, 1, (text) => [...text].reverse().join('')),
  REGEXMATCH: ofStrings(2, 3, regexMatch),
  REPLICATE: {
    arity: [2, 2],
    call: ([text, count]) => {
      if (!isString(text) || !isNumber(count) || count < 0) return undefined
      const times = Math.trunc(count)
      return text.length * times > longestReplica ? undefined : text.repeat(times)
    },
  },
  STRINGJOIN: {
    arity: [2, 2],
    call: ([list, separator]) =>
      isArray(list) && list.every(isString) && isString(separator) ? list.join(separator) : undefined,
  },
  STRINGSPLIT: ofStrings(2, 2, (text, separator) => (separator === '' ? [text] : text.split(separator))),
  SUBSTRING: {
    arity: [3, 3],
    call: ([text, start, length]) => {
      if (!isString(text) || !isNumber(start) || !isNumber(length)) return undefined
      const from = Math.max(0, Math.trunc(start))
      return text.slice(from, from + Math.max(0, Math.trunc(length)))
    },
  },
  SUBSTRINGBEFORE: beside((text, at) => text.slice(0, at), 'first'),
  SUBSTRINGAFTER: beside((text, at, length) => text.slice(at + length), 'first'),
  LASTSUBSTRINGBEFORE: beside((text, at) => text.slice(0, at), 'last'),
  LASTSUBSTRINGAFTER: beside((text, at, length) => text.slice(at + length), 'last'),
  TOSTRING: {
    arity: [1, 1],
    call: ([value]) => (isString(value) ? value : JSON.stringify(value)),
  },
  STRINGTOARRAY: ofStrings(1, 1, (text) => parsed(text, isArray)),
  STRINGTOOBJECT: ofStrings(1, 1, (text) =>
    parsed(text, (value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  ),
  STRINGTOBOOLEAN: ofStrings(1, 1, (text) => parsed(text, (value) => typeof value === 'boolean')),
  STRINGTONULL: ofStrings(1, 1, (text) => parsed(text, (value) => value === null)),
  STRINGTONUMBER: ofStrings(1, 1, (text) => parsed(text, isNumber)),
}

/** The longest result of REPLICATE, by its documentation. */
const longestReplica = 10_000

/** A search that may be told to ignore the case. */
function search(find: (text: string, part: string) => boolean): BuiltIn {
  return {
    arity: [2, 3],
    call: ([text, part, ignoreCase = false]) => {
      if (!isString(text) || !isString(part) || typeof ignoreCase !== 'boolean') return undefined
      return ignoreCase ? find(text.toLowerCase(), part.toLowerCase()) : find(text, part)
    },
  }
}

/** As CONTAINS(text, a) AND CONTAINS(text, b) …, or OR. */
function searchMany(ignoreCase: boolean, wanted: 'all' | 'any'): BuiltIn {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text)
  return {
    arity: [2, Number.POSITIVE_INFINITY],
    takesUndefined: true,
    call: ([text, ...parts]) => {
      if (!isString(text)) return undefined
      const found = parts.map((part) => (isString(part) ? fold(text).includes(fold(part)) : undefined))
      const decisive = wanted === 'any'
      if (found.includes(decisive)) return decisive
      return found.includes(undefined) ? undefined : !decisive
    },
  }
}

function position(find: (text: string, part: string, from?: number) => number): BuiltIn {
  return {
    arity: [2, 3],
    call: (values) => {
      const [text, part, from] = values
      if (!isString(text) || !isString(part)) return undefined
      if (values.length < 3) return find(text, part)
      return isNumber(from) ? find(text, part, Math.trunc(from)) : undefined
    },
  }
}

/** What stands on one side of a delimiter. Without one there is no value: the documentation does not say. */
function beside(cut: (text: string, at: number, length: number) => string, which: 'first' | 'last'): BuiltIn {
  return ofStrings(2, 2, (text, delimiter) => {
    const at = which === 'first' ? text.indexOf(delimiter) : text.lastIndexOf(delimiter)
    return at < 0 ? undefined : cut(text, at, delimiter.length)
  })
}

function beginning(cut: (text: string, count: number) => string): BuiltIn {
  return {
    arity: [2, 2],
    call: ([text, count]) =>
      isString(text) && isNumber(count) ? cut(text, Math.max(0, Math.trunc(count))) : undefined,
  }
}

function trimStart(text: string, characters?: string): string {
  if (characters === undefined) return text.trimStart()
  let from = 0
  while (from < text.length && characters.includes(text.charAt(from))) from++
  return text.slice(from)
}

function trimEnd(text: string, characters?: string): string {
  if (characters === undefined) return text.trimEnd()
  let to = text.length
  while (to > 0 && characters.includes(text.charAt(to - 1))) to--
  return text.slice(0, to)
}

function parsed(text: string, isWanted: (value: Value) => boolean): Value {
  try {
    const value = JSON.parse(text) as Json
    return isWanted(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Patterns of JavaScript, which are those of PCRE as far as queries go; `x` ignores white space in the pattern. */
function regexMatch(text: string, pattern: string, modifiers = ''): boolean | undefined {
  if (/[^msix]/.test(modifiers)) return undefined
  const compact = modifiers.includes('x')
    ? pattern.replaceAll(/(\\.|\[(?:\\.|[^\]])*\])|\s+/g, '$1')
    : pattern
  let expression: RegExp
  try {
    expression = new RegExp(compact, [...new Set(modifiers.replaceAll('x', ''))].join(''))
  } catch {
    return undefined
  }
  return boundedTest(expression, text)
}
