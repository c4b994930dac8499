import { QueryError } from './error.ts'
import type { BinaryOperator, Expression, Query, UnaryOperator } from './syntax.ts'
import type { TokenReader } from './tokenReader.ts'

/** From the operators that bind least to those that bind most. */
const levels: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['|'],
  ['^'],
  ['&'],
  ['=', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>', '>>>'],
  ['+', '-'],
  ['*', '/', '%'],
]

/** How many operators may follow one another: each is a level of the tree that they make. */
const maxOperators = 500

/** Reads an expression; `readQuery` reads a subquery from its SELECT on. */
export class ExpressionParser {
  readonly #tokens: TokenReader
  readonly #readQuery: () => Query

  constructor(tokens: TokenReader, readQuery: () => Query) {
    this.#tokens = tokens
    this.#readQuery = readQuery
  }

  /** `a ? b : c`, which binds least. */
  expression(): Expression {
    return this.#tokens.nested(() => {
      const test = this.#coalesce()
      if (!this.#tokens.takeIf('?')) return test
      const then = this.expression()
      this.#tokens.expect(':')
      return { kind: 'conditional', test, then, else: this.expression() }
    })
  }

  list(): Expression[] {
    const list = [this.expression()]
    while (this.#tokens.takeIf(',')) list.push(this.expression())
    return list
  }

  #coalesce(): Expression {
    let left = this.#logical('or')
    for (let count = 0; this.#tokens.takeIf('??'); count++) {
      this.#limit(count)
      left = { kind: 'coalesce', left, right: this.#logical('or') }
    }
    return left
  }

  #logical(operator: 'and' | 'or'): Expression {
    const read = () => (operator === 'or' ? this.#logical('and') : this.#predicate())
    const first = read()
    const operands = [first]
    while (this.#tokens.takeIf(operator.toUpperCase())) operands.push(read())
    return operands.length === 1 ? first : { kind: 'logical', operator, operands }
  }

  /** IN, BETWEEN and LIKE. */
  #predicate(): Expression {
    const tokens = this.#tokens
    const value = this.#binary(0)
    const negative =
      tokens.isNext('NOT') && (['IN', 'BETWEEN', 'LIKE'] as const).some((word) => tokens.isNext('NOT', word))
    if (negative) tokens.take()
    const predicate = this.#predicateOf(value)
    if (!predicate) return value
    return negative ? { kind: 'unary', operator: 'not', operand: predicate } : predicate
  }

  #predicateOf(value: Expression): Expression | undefined {
    const tokens = this.#tokens
    if (tokens.takeIf('IN')) {
      tokens.expect('(')
      const list = this.list()
      tokens.expect(')')
      return { kind: 'in', value, list }
    }
    if (tokens.takeIf('BETWEEN')) {
      const from = this.#binary(0)
      tokens.expect('AND')
      return { kind: 'between', value, from, to: this.#binary(0) }
    }
    if (tokens.takeIf('LIKE')) {
      const pattern = this.#binary(0)
      if (!tokens.takeIf('ESCAPE')) return { kind: 'like', value, pattern }
      if (tokens.next.kind !== 'string') throw tokens.error()
      return { kind: 'like', value, pattern, escape: tokens.take().text }
    }
    return undefined
  }

  #binary(level: number): Expression {
    const operators = levels[level]
    if (!operators) return this.#unary()
    let left = this.#binary(level + 1)
    for (let count = 0; ; count++) {
      const operator = this.#operator(operators)
      if (!operator) return left
      this.#limit(count)
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) }
    }
  }

  #operator(among: readonly BinaryOperator[]): BinaryOperator | undefined {
    const { kind, text } = this.#tokens.next
    if (kind !== 'symbol') return undefined
    const operator = among.find((candidate) => candidate === (text === '<>' ? '!=' : text))
    if (operator) this.#tokens.take()
    return operator
  }

  #unary(): Expression {
    const tokens = this.#tokens
    for (const operator of ['-', '+', '~', 'not'] as UnaryOperator[]) {
      if (!tokens.takeIf(operator.toUpperCase())) continue
      return tokens.nested(() => ({ kind: 'unary', operator, operand: this.#unary() }))
    }
    return this.#member()
  }

  /** `.name` and `[index]` behind a value. */
  #member(): Expression {
    const tokens = this.#tokens
    const { start } = tokens.next
    let value = this.#primary()
    for (let count = 0; ; count++) {
      this.#limit(count)
      if (tokens.takeIf('.')) {
        const name = tokens.name()
        value = { kind: 'property', of: value, name, place: { start, end: tokens.end } }
      } else if (tokens.takeIf('[')) {
        const index = this.expression()
        tokens.expect(']')
        const place = { start, end: tokens.end }
        const named = index.kind === 'literal' && typeof index.value === 'string'
        value = named
          ? { kind: 'property', of: value, name: index.value as string, place }
          : { kind: 'index', of: value, index, place }
      } else return value
    }
  }

  #primary(): Expression {
    const tokens = this.#tokens
    const token = tokens.next
    const place = { start: token.start, end: token.end }
    if (token.kind === 'number') {
      const value = Number(token.text)
      // JSON has no infinite numbers, and no document has one.
      if (!Number.isFinite(value)) throw tokens.error()
      tokens.take()
      return { kind: 'literal', value }
    }
    if (token.kind === 'string') return { kind: 'literal', value: tokens.take().text }
    if (token.kind === 'parameter') return { kind: 'parameter', name: tokens.take().text, place }
    if (token.kind === 'word') return this.#word()
    if (tokens.takeIf('(')) return this.#parenthesized()
    if (tokens.takeIf('[')) {
      const items = tokens.isNext(']') ? [] : this.list()
      tokens.expect(']')
      return { kind: 'array', items }
    }
    if (tokens.takeIf('{')) return this.#object()
    throw tokens.error()
  }

  #word(): Expression {
    const tokens = this.#tokens
    const token = tokens.next
    if (token.text in constants) return { kind: 'literal', value: constants[tokens.take().text] }
    if (tokens.takeIf('EXISTS')) return { kind: 'exists', query: this.#subquery() }
    if (tokens.isNext('ARRAY', '(')) {
      tokens.take()
      return { kind: 'arrayOf', query: this.#subquery() }
    }
    const { start, end } = token
    if (token.text === 'udf') {
      tokens.take()
      tokens.expect('.')
      return this.#call(tokens.name(), start, true)
    }
    if (tokens.isNext('LEFT', '(') || tokens.isNext('RIGHT', '(')) {
      return this.#call(tokens.take().text, start, false)
    }
    const name = tokens.name()
    return tokens.isNext('(') ? this.#call(name, start, false) : { kind: 'name', name, place: { start, end } }
  }

  #call(name: string, start: number, userDefined: boolean): Expression {
    const tokens = this.#tokens
    tokens.expect('(')
    const list = tokens.isNext(')') ? [] : this.list()
    tokens.expect(')')
    const place = { start, end: tokens.end }
    return {
      kind: 'call',
      name: userDefined ? name : name.toUpperCase(),
      arguments: list,
      userDefined,
      place,
    }
  }

  #parenthesized(): Expression {
    const tokens = this.#tokens
    const value: Expression = tokens.isNext('SELECT')
      ? { kind: 'subquery', query: tokens.nested(this.#readQuery) }
      : this.expression()
    tokens.expect(')')
    return value
  }

  #subquery(): Query {
    this.#tokens.expect('(')
    const query = this.#tokens.nested(this.#readQuery)
    this.#tokens.expect(')')
    return query
  }

  #object(): Expression {
    const tokens = this.#tokens
    const properties: { name: string; value: Expression }[] = []
    while (!tokens.isNext('}')) {
      if (properties.length) tokens.expect(',')
      const name = tokens.next.kind === 'string' ? tokens.take().text : tokens.name()
      tokens.expect(':')
      properties.push({ name, value: this.expression() })
    }
    tokens.expect('}')
    return { kind: 'object', properties }
  }

  #limit(count: number): void {
    if (count > maxOperators) {
      throw new QueryError(
        `More than ${maxOperators} operators follow one another.`,
        undefined,
        this.#tokens.next,
      )
    }
  }
}

const constants: Record<string, boolean | null | undefined> = Object.assign(Object.create(null), {
  true: true,
  false: false,
  null: null,
  undefined,
})
