import { QueryError } from './error.ts'

/** Where something stands in the text of a query: characters from `start` to before `end`. */
export interface Place {
  readonly start: number
  readonly end: number
}

export interface Token extends Place {
  /** A word is a keyword or a name: the parser knows which. */
  readonly kind: 'word' | 'number' | 'string' | 'parameter' | 'symbol' | 'end'
  /** As it is written; of a string: what it stands for. */
  readonly text: string
}

/** Words that are no names, whatever their case; a property of such a name is written `c["order"]`. */
const keywords = new Set(
  `AND ARRAY AS ASC BETWEEN BY DESC DISTINCT ESCAPE EXISTS FROM GROUP IN JOIN LEFT LIKE LIMIT NOT OFFSET OR ORDER RANK
   RIGHT SELECT TOP VALUE WHERE`.split(/\s+/),
)

/** Words that are no names as they stand; `TRUE` is one. */
const constants = new Set(['true', 'false', 'null', 'undefined', 'udf'])

/** Whether a word is a keyword, so that it cannot be a name. */
export const isReserved = (word: string): boolean => keywords.has(word.toUpperCase()) || constants.has(word)

const pattern = new RegExp(
  [
    String.raw`(?<space>[ \t\r\n]+|--[^\n]*|/\*[\s\S]*?\*/)`,
    `(?<word>[A-Za-z_][A-Za-z0-9_]*)`,
    String.raw`(?<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)`,
    `(?<parameter>@[A-Za-z_][A-Za-z0-9_]*)`,
    String.raw`(?<string>"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')`,
    String.raw`(?<symbol>>>>|<<|>>|<=|>=|!=|<>|\|\||\?\?|[-+*/%&|^~?:.,()[\]{}=<>])`,
  ].join('|'),
  'y',
)

/** Splits a query into words, literals and symbols. Throws `QueryError`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex
    const groups = pattern.exec(text)?.groups
    if (!groups) throw invalidToken(text, start)
    if (groups.space !== undefined) continue
    const end = pattern.lastIndex
    const [kind, written] = Object.entries(groups).find(([, value]) => value !== undefined) as [
      Token['kind'],
      string,
    ]
    tokens.push({ kind, text: kind === 'string' ? unescaped(written, { start, end }) : written, start, end })
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return tokens
}

function invalidToken(text: string, start: number): QueryError {
  const written = (text.slice(start).match(/^["'].*|^\S+/)?.[0] ?? '').slice(0, 100)
  const place = { start, end: start + written.length }
  return new QueryError(`Syntax error, invalid token '${written}'.`, 'SC1010', place)
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

function unescaped(written: string, place: Place): string {
  return written
    .slice(1, -1)
    .replaceAll(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, character: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      const stands = escapes[character] ?? (`"'\\/`.includes(character) ? character : undefined)
      if (stands === undefined) {
        throw new QueryError(`Syntax error, invalid string literal token '${written}'.`, 'SC1010', place)
      }
      return stands
    })
}
