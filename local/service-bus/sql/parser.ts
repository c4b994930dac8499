import { nullValue, textValue } from '../engine/value.ts'
import { SqlSyntaxError } from './error.ts'
import type {
  ArithmeticOperator,
  ComparisonOperator,
  Expression,
  Predicate,
  PropertyName,
  Statement,
} from './syntax.ts'
import { type Token, tokenize } from './tokens.ts'

/** What parentheses hold is known only behind them: a value or a condition. */
type Node = Expression | Predicate

const maxLength = 1024
const maxDepth = 32

const predicateKinds: ReadonlySet<Node['kind']> = new Set<Predicate['kind']>([
  'and',
  'comparison',
  'exists',
  'in',
  'isNull',
  'like',
  'literal',
  'not',
  'or',
])

/**
 * Reads a filter by the grammar of "Subscription rule SQL filter syntax" (Microsoft Learn). A lone TRUE or FALSE is taken
 * too. Throws `SqlSyntaxError`.
 */
export function parseFilter(expression: string): Predicate {
  const parser = new Parser(expression)
  const predicate = parser.predicate(parser.or())
  parser.end()
  return predicate
}

/** Reads an action by the grammar of "Subscription rule SQL action syntax" (Microsoft Learn). Throws `SqlSyntaxError`. */
export function parseAction(expression: string): Statement[] {
  const parser = new Parser(expression)
  const statements: Statement[] = []
  do statements.push(parser.statement())
  while (!parser.isAtEnd)
  return statements
}

class Parser {
  readonly #expression: string
  readonly #tokens: readonly Token[]
  #index = 0
  #depth = 0

  constructor(expression: string) {
    if (expression.length > maxLength) {
      throw new SqlSyntaxError(`An expression has at most ${maxLength} characters`, expression, maxLength)
    }
    this.#expression = expression
    this.#tokens = tokenize(expression)
  }

  get isAtEnd(): boolean {
    return this.#token.kind === 'end'
  }

  end(): void {
    if (!this.isAtEnd) this.#fail('The end is expected here')
  }

  // ── Statements ───────────────────────────────────────────────────────────────────────────────────────────────────

  statement(): Statement {
    const statement = this.#takes('SET') ? this.#set() : this.#remove()
    this.#takes(';')
    return statement
  }

  #set(): Statement {
    const property = this.#property()
    this.#expect('=')
    return { kind: 'set', property, value: this.#value(this.#sum()) }
  }

  #remove(): Statement {
    if (!this.#takes('REMOVE')) this.#fail('SET or REMOVE is expected')
    return { kind: 'remove', property: this.#property() }
  }

  // ── Conditions, the loosest binding first ────────────────────────────────────────────────────────────────────────

  or(): Node {
    let left = this.#and()
    while (this.#takes('OR')) {
      left = { kind: 'or', left: this.predicate(left), right: this.predicate(this.#and()) }
    }
    return left
  }

  #and(): Node {
    let left = this.#not()
    while (this.#takes('AND')) {
      left = { kind: 'and', left: this.predicate(left), right: this.predicate(this.#not()) }
    }
    return left
  }

  #not(): Node {
    if (!this.#takes('NOT')) return this.#condition()
    return this.#nested(() => ({ kind: 'not', operand: this.predicate(this.#not()) }))
  }

  #condition(): Node {
    if (this.#takes('EXISTS')) {
      this.#expect('(')
      const property = this.#property()
      this.#expect(')')
      return { kind: 'exists', property }
    }
    const left = this.#sum()
    const operator = this.#takesAny(['=', '<>', '!=', '>=', '>', '<=', '<'])
    if (operator !== undefined) {
      return {
        kind: 'comparison',
        operator: (operator === '!=' ? '<>' : operator) as ComparisonOperator,
        left: this.#value(left),
        right: this.#value(this.#sum()),
      }
    }
    if (this.#takes('IS')) return this.#isNull(left)
    const isNegated = this.#takes('NOT')
    if (this.#takes('IN')) return negated(isNegated, this.#in(this.#value(left)))
    if (this.#takes('LIKE')) return negated(isNegated, this.#like(this.#value(left)))
    if (isNegated) this.#fail('IN or LIKE is expected')
    return left
  }

  #isNull(left: Node): Predicate {
    const isNegated = this.#takes('NOT')
    if (left.kind !== 'property') return this.#fail('Only a property can be tested with IS NULL')
    this.#expect('NULL')
    return negated(isNegated, { kind: 'isNull', property: left.property })
  }

  #in(value: Expression): Predicate {
    this.#expect('(')
    const list: Expression[] = []
    do list.push(this.#value(this.#sum()))
    while (this.#takes(','))
    this.#expect(')')
    return { kind: 'in', value, list }
  }

  #like(value: Expression): Predicate {
    const pattern = this.#value(this.#sum())
    const escaping = this.#takes('ESCAPE') ? this.#value(this.#sum()) : undefined
    return { kind: 'like', value, pattern, escape: escaping }
  }

  // ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #sum(): Node {
    return this.#binary(['+', '-'], () => this.#product())
  }

  #product(): Node {
    return this.#binary(['*', '/', '%'], () => this.#signed())
  }

  #binary(operators: readonly ArithmeticOperator[], operand: () => Node): Node {
    let left = operand()
    for (let op = this.#takesAny(operators); op !== undefined; op = this.#takesAny(operators)) {
      left = {
        kind: 'arithmetic',
        operator: op as ArithmeticOperator,
        left: this.#value(left),
        right: this.#value(operand()),
      }
    }
    return left
  }

  #signed(): Node {
    const operator = this.#takesAny(['+', '-']) as '+' | '-' | undefined
    if (operator === undefined) return this.#primary()
    const token = this.#token
    if (operator === '-' && token.kind === 'integer') {
      this.#index++
      return this.#integer(`-${token.text}`)
    }
    return this.#nested(() => ({ kind: 'sign', operator, operand: this.#value(this.#signed()) }))
  }

  #primary(): Node {
    const token = this.#token
    if (this.#takes('(')) {
      const inner = this.#nested(() => this.or())
      this.#expect(')')
      return inner
    }
    if (token.kind === 'identifier') {
      const isCall = this.#tokens[this.#index + 1]?.text === '('
      return isCall ? this.#call() : { kind: 'property', property: this.#property() }
    }
    this.#index++
    if (token.kind === 'integer') return this.#integer(token.text)
    if (token.kind === 'decimal') {
      return { kind: 'constant', value: { type: 'double', value: Number(token.text) } }
    }
    if (token.kind === 'string') return { kind: 'constant', value: textValue(token.text) }
    if (token.kind === 'parameter') return { kind: 'parameter', name: token.text }
    if (token.kind === 'keyword') {
      if (token.text === 'TRUE' || token.text === 'FALSE') {
        return { kind: 'constant', value: { type: 'boolean', value: token.text === 'TRUE' } }
      }
      if (token.text === 'NULL') return { kind: 'constant', value: nullValue }
    }
    this.#index--
    return this.#fail('A value is expected')
  }

  #integer(text: string): Expression {
    const value = BigInt(text)
    if (BigInt.asIntN(64, value) !== value) this.#fail(`${text} does not fit into 64 bits`)
    return { kind: 'constant', value: { type: 'long', value } }
  }

  #call(): Expression {
    const name = this.#token.text.toLowerCase()
    if (name !== 'newid' && name !== 'property' && name !== 'p') {
      this.#fail(`'${this.#token.text}' is not a function (there are newid and property)`)
    }
    this.#index++
    this.#expect('(')
    const result: Expression =
      name === 'newid'
        ? { kind: 'newid' }
        : { kind: 'propertyByName', name: this.#nested(() => this.#value(this.#sum())) }
    this.#expect(')')
    return result
  }

  #property(): PropertyName {
    const first = this.#identifier()
    if (!this.#takes('.')) return { scope: 'user', name: first }
    const scope = first.toLowerCase()
    if (scope !== 'sys' && scope !== 'user') {
      this.#fail(
        `'${first}' is not a scope (there are sys and user; a name with a point is written [${first}.…])`,
      )
    }
    return { scope: scope as 'sys' | 'user', name: this.#identifier() }
  }

  #identifier(): string {
    const token = this.#token
    if (token.kind !== 'identifier') this.#fail('The name of a property is expected')
    this.#index++
    return token.text
  }

  // ── Tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────

  get #token(): Token {
    return this.#tokens[this.#index] as Token
  }

  #takes(text: string): boolean {
    const { kind, text: found } = this.#token
    if (found !== text || (kind !== 'keyword' && kind !== 'symbol')) return false
    this.#index++
    return true
  }

  #takesAny(texts: readonly string[]): string | undefined {
    return texts.find((text) => this.#takes(text))
  }

  #expect(text: string): void {
    if (!this.#takes(text)) this.#fail(`'${text}' is expected`)
  }

  predicate(node: Node): Predicate {
    if (isPredicate(node)) return node
    if (node.kind === 'constant' && typeof node.value.value === 'boolean') {
      return { kind: 'literal', value: node.value.value }
    }
    return this.#fail('A condition is expected, such as a comparison')
  }

  #value(node: Node): Expression {
    return isPredicate(node) ? this.#fail('A value is expected, not a condition') : node
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > maxDepth) this.#fail('Conditions are nested too deeply')
    const result = parse()
    this.#depth--
    return result
  }

  #fail(what: string): never {
    const token = this.#token
    const found = token.kind === 'end' ? '' : `, not '${token.text}',`
    throw new SqlSyntaxError(`${what}${found}`, this.#expression, token.at)
  }
}

function negated(isNegated: boolean, operand: Predicate): Predicate {
  return isNegated ? { kind: 'not', operand } : operand
}

function isPredicate(node: Node): node is Predicate {
  return predicateKinds.has(node.kind)
}
