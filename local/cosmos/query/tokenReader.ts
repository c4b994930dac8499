import { QueryError } from './error.ts'
import { isReserved, type Token, tokenize } from './tokens.ts'

/** The longest text of a query, by the service's limits. */
const maxLength = 512 * 1024
/** How deep parentheses and subqueries may stand in one another. */
const maxDepth = 100

/** Reads the tokens of a query one after the other. */
export class TokenReader {
  readonly #tokens: Token[]
  #at = 0
  #depth = 0

  constructor(text: string) {
    if (text.length > maxLength) {
      throw new QueryError('The SQL query text exceeded the maximum limit of 524288 characters.', 'SC3007')
    }
    this.#tokens = tokenize(text)
  }

  get next(): Token {
    return this.#tokens[this.#at] as Token
  }

  /** The end of the last token that was taken. */
  get end(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0
  }

  take(): Token {
    const token = this.next
    if (token.kind !== 'end') this.#at++
    return token
  }

  /** Whether the next tokens are these keywords or symbols. */
  isNext(...texts: string[]): boolean {
    return texts.every((text, i) => is(this.#tokens[this.#at + i], text))
  }

  /** Takes these keywords or symbols, if they are next. */
  takeIf(...texts: string[]): boolean {
    const found = this.isNext(...texts)
    if (found) this.#at += texts.length
    return found
  }

  expect(...texts: string[]): void {
    for (const text of texts) if (!this.takeIf(text)) throw this.error()
  }

  /** Takes a name: a word that is no keyword. */
  name(): string {
    if (!this.isName()) throw this.error()
    return this.take().text
  }

  isName(): boolean {
    return this.next.kind === 'word' && !isReserved(this.next.text)
  }

  /** What may stand in itself is read through here, so that no query is deeper than the stack. */
  nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) {
      throw new QueryError(`The query is nested deeper than ${maxDepth} levels.`, undefined, this.next)
    }
    const result = read()
    this.#depth--
    return result
  }

  error(token = this.next): QueryError {
    const { kind, text, start, end } = token
    if (kind === 'end') {
      return new QueryError('Syntax error, unexpected end-of-file.', 'SC1002', { start, end })
    }
    const written = kind === 'string' ? JSON.stringify(text) : text
    return new QueryError(`Syntax error, incorrect syntax near '${written}'.`, 'SC1001', { start, end })
  }
}

const is = (token: Token | undefined, text: string) =>
  token !== undefined &&
  (token.kind === 'symbol' ? token.text === text : token.kind === 'word' && token.text.toUpperCase() === text)
