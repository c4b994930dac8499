import { QueryError } from './error.ts'
import { ExpressionParser } from './expressionParser.ts'
import type { Collection, Count, Expression, From, Input, OrderItem, Query, Selection } from './syntax.ts'
import { TokenReader } from './tokenReader.ts'

/**
 * Reads a query by the grammar of the NoSQL query language (Microsoft Learn; precedence as in `sql.g4` of the .NET
 * SDK). Throws `QueryError`.
 */
export function parseQuery(text: string): Query {
  const parser = new Parser(text)
  return parser.whole(() => parser.query())
}

/** A patch's condition: `FROM c WHERE …`. */
export interface Condition {
  readonly alias: string
  readonly where: Expression
}

/** Reads the condition of a patch. Throws `QueryError`. */
export function parseCondition(text: string): Condition {
  const parser = new Parser(text)
  return parser.whole(() => parser.condition())
}

class Parser {
  readonly #tokens: TokenReader
  readonly #expressions: ExpressionParser

  constructor(text: string) {
    this.#tokens = new TokenReader(text)
    this.#expressions = new ExpressionParser(this.#tokens, () => this.query())
  }

  whole<T>(read: () => T): T {
    const result = read()
    if (this.#tokens.next.kind !== 'end') throw this.#tokens.error()
    return result
  }

  condition(): Condition {
    this.#tokens.expect('FROM')
    const first = this.#input()
    this.#tokens.expect('WHERE')
    return { alias: first.alias ?? '', where: this.#expressions.expression() }
  }

  query(): Query {
    const tokens = this.#tokens
    const { start } = tokens.next
    tokens.expect('SELECT')
    const distinct = tokens.takeIf('DISTINCT')
    const top = tokens.takeIf('TOP') ? this.#count() : undefined
    const select = this.#selection()
    const from = tokens.takeIf('FROM') ? this.#from() : undefined
    const where = tokens.takeIf('WHERE') ? this.#expressions.expression() : undefined
    const groupBy = tokens.takeIf('GROUP', 'BY') ? this.#expressions.list() : undefined
    const orderBy = tokens.takeIf('ORDER', 'BY') ? this.#orderItems() : undefined
    const offset = tokens.takeIf('OFFSET') ? this.#count() : undefined
    if (offset) tokens.expect('LIMIT')
    const limit = offset && this.#count()
    return {
      distinct,
      select,
      place: { start, end: tokens.end },
      ...(top && { top }),
      ...(from && { from }),
      ...(where && { where }),
      ...(groupBy && { groupBy }),
      ...(orderBy && { orderBy }),
      ...(offset && { offset }),
      ...(limit && { limit }),
    }
  }

  #count(): Count {
    const { kind, text, start, end } = this.#tokens.next
    if (kind === 'number' && /^\d+$/.test(text)) {
      return { kind: 'literal', value: Number(this.#tokens.take().text) }
    }
    if (kind === 'parameter') return { kind, name: this.#tokens.take().text, place: { start, end } }
    throw this.#tokens.error()
  }

  #selection(): Selection {
    const tokens = this.#tokens
    const { start, end } = tokens.next
    if (tokens.takeIf('*')) return { kind: 'star', place: { start, end } }
    if (tokens.takeIf('VALUE')) return { kind: 'value', value: this.#expressions.expression() }
    const items: { value: Expression; name: string }[] = []
    let unnamed = 0
    do {
      const value = this.#expressions.expression()
      const named = tokens.takeIf('AS') || tokens.isName()
      const name = named ? tokens.name() : nameOf(value)
      items.push({ value, name: name ?? `$${++unnamed}` })
    } while (tokens.takeIf(','))
    return { kind: 'list', items }
  }

  #from(): From {
    const first = this.#input()
    const joins: Input[] = []
    while (this.#tokens.takeIf('JOIN')) joins.push(this.#input())
    return { first, joins }
  }

  #input(): Input {
    const tokens = this.#tokens
    const { start } = tokens.next
    const place = () => ({ start, end: tokens.end })
    if (tokens.takeIf('(')) {
      const query = tokens.nested(() => this.query())
      tokens.expect(')')
      return this.#aliased({ kind: 'query', query }, start)
    }
    const name = tokens.name()
    if (tokens.takeIf('IN')) {
      return { alias: name, iterates: true, collection: this.#collection(), place: place() }
    }
    return this.#aliased(this.#path(name, start), start)
  }

  #aliased(collection: Collection, start: number): Input {
    const tokens = this.#tokens
    const named = tokens.takeIf('AS') || tokens.isName()
    const alias = named ? tokens.name() : ownName(collection)
    const place = { start, end: tokens.end }
    return { iterates: false, collection, place, ...(alias !== undefined && { alias }) }
  }

  #collection(): Collection {
    const tokens = this.#tokens
    if (tokens.takeIf('(')) {
      const query = tokens.nested(() => this.query())
      tokens.expect(')')
      return { kind: 'query', query }
    }
    const { start } = tokens.next
    return this.#path(tokens.name(), start)
  }

  #path(name: string, start: number): Collection {
    const tokens = this.#tokens
    const steps: (string | number)[] = []
    for (;;) {
      if (tokens.takeIf('.')) steps.push(tokens.name())
      else if (tokens.takeIf('[')) {
        const { kind, text } = tokens.next
        if (kind !== 'string' && kind !== 'number') throw tokens.error()
        tokens.take()
        steps.push(kind === 'string' ? text : Number(text))
        tokens.expect(']')
      } else return { kind: 'path', name, steps, place: { start, end: tokens.end } }
    }
  }

  #orderItems(): OrderItem[] {
    if (this.#tokens.isNext('RANK')) {
      const { start, end } = this.#tokens.next
      const reason = 'This server does not imitate full-text search: ORDER BY RANK is not supported.'
      throw new QueryError(reason, 'SC2005', { start, end })
    }
    const items: OrderItem[] = []
    do {
      const value = this.#expressions.expression()
      const order = this.#tokens.takeIf('DESC') ? 'desc' : 'asc'
      if (order === 'asc') this.#tokens.takeIf('ASC')
      items.push({ value, order })
    } while (this.#tokens.takeIf(','))
    return items
  }
}

/** The name that a value has in the answer when the query gives it none. */
const nameOf = (value: Expression) =>
  value.kind === 'name' || value.kind === 'property' ? value.name : undefined

function ownName(collection: Collection): string | undefined {
  if (collection.kind === 'query') return undefined
  const last = collection.steps.at(-1) ?? collection.name
  return typeof last === 'string' ? last : undefined
}
