import { SqlSyntaxError } from './error.ts'

export interface Token {
  readonly kind: 'decimal' | 'end' | 'identifier' | 'integer' | 'keyword' | 'parameter' | 'string' | 'symbol'
  /** Keywords in upper case; strings and delimited identifiers without their quotes. */
  readonly text: string
  readonly at: number
}

const keywords = new Set([
  'AND',
  'ESCAPE',
  'EXISTS',
  'FALSE',
  'IN',
  'IS',
  'LIKE',
  'NOT',
  'NULL',
  'OR',
  'REMOVE',
  'SET',
  'TRUE',
])

const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['decimal', /(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+/y],
  ['integer', /\d+/y],
  ['string', /'(?:[^']|'')*'/y],
  ['identifier', /\p{L}[\p{L}\p{Nd}_]*|\[(?:[^\]]|\]\])+\]|"(?:[^"]|"")+"/uy],
  ['parameter', /@[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['symbol', /<>|!=|<=|>=|[=<>+\-*/%(),.;]/y],
]

const space = /\s*/y

/** Cuts an expression into its words; the last token is of the kind `end`. Throws `SqlSyntaxError`. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = []
  for (let at = skipSpace(expression, 0); at < expression.length; ) {
    const token = next(expression, at)
    tokens.push(token.token)
    at = skipSpace(expression, token.end)
  }
  return [...tokens, { kind: 'end', text: 'the end', at: expression.length }]
}

function skipSpace(expression: string, at: number): number {
  space.lastIndex = at
  space.exec(expression)
  return space.lastIndex
}

function next(expression: string, at: number): { token: Token; end: number } {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const found = pattern.exec(expression)?.[0]
    if (found !== undefined) return { token: token(kind, found, at), end: at + found.length }
  }
  const character = expression[at]
  const what = character === "'" ? 'A text without its closing quote' : `'${character}' is not expected`
  throw new SqlSyntaxError(what, expression, at)
}

function token(kind: Token['kind'], found: string, at: number): Token {
  if (kind === 'string') return { kind, text: found.slice(1, -1).replaceAll("''", "'"), at }
  if (kind !== 'identifier') return { kind, text: found, at }
  if (found.startsWith('[')) return { kind, text: found.slice(1, -1).replaceAll(']]', ']'), at }
  if (found.startsWith('"')) return { kind, text: found.slice(1, -1).replaceAll('""', '"'), at }
  const upper = found.toUpperCase()
  return keywords.has(upper) ? { kind: 'keyword', text: upper, at } : { kind, text: found, at }
}
