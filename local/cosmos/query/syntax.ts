import type { Json } from './source.ts'
import type { Place } from './tokens.ts'

/** A query as its text says it, before any name has a meaning. */
export interface Query {
  readonly distinct: boolean
  readonly top?: Count
  readonly select: Selection
  readonly from?: From
  readonly where?: Expression
  readonly groupBy?: readonly Expression[]
  readonly orderBy?: readonly OrderItem[]
  readonly offset?: Count
  readonly limit?: Count
  /** Where the query stands, from SELECT on. */
  readonly place: Place
}

/** The number of TOP, OFFSET or LIMIT. */
export type Count = Literal | Parameter

export type Selection =
  | { readonly kind: 'star'; readonly place: Place }
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'list'; readonly items: readonly { value: Expression; name: string }[] }

export interface OrderItem {
  readonly value: Expression
  readonly order: 'asc' | 'desc'
}

/** `FROM collection [AS] alias` or `FROM alias IN collection`, and what is joined to it. */
export interface From {
  readonly first: Input
  readonly joins: readonly Input[]
}

export interface Input {
  /** How expressions name it; undefined: it has no name. */
  readonly alias?: string
  /** `IN`: each element of the collection is a row of its own. */
  readonly iterates: boolean
  readonly collection: Collection
  readonly place: Place
}

export type Collection =
  | {
      readonly kind: 'path'
      readonly name: string
      readonly steps: readonly (string | number)[]
      place: Place
    }
  | { readonly kind: 'query'; readonly query: Query }

export interface Literal {
  readonly kind: 'literal'
  readonly value: Json | undefined
}

export interface Parameter {
  readonly kind: 'parameter'
  readonly name: string
  readonly place: Place
}

export type UnaryOperator = '-' | '+' | '~' | 'not'
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '>>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '='
  | '!='
  | '&'
  | '^'
  | '|'
  | '||'

export interface Call {
  readonly kind: 'call'
  /** In capitals. */
  readonly name: string
  readonly arguments: readonly Expression[]
  readonly userDefined: boolean
  readonly place: Place
}

export type Expression =
  | Literal
  | Parameter
  | Call
  | { readonly kind: 'name'; readonly name: string; readonly place: Place }
  | { readonly kind: 'property'; readonly of: Expression; readonly name: string; readonly place: Place }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression; readonly place: Place }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly properties: readonly { name: string; value: Expression }[] }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'logical'; readonly operator: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'coalesce'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'conditional'
      readonly test: Expression
      readonly then: Expression
      readonly else: Expression
    }
  | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[] }
  | {
      readonly kind: 'between'
      readonly value: Expression
      readonly from: Expression
      readonly to: Expression
    }
  | {
      readonly kind: 'like'
      readonly value: Expression
      readonly pattern: Expression
      readonly escape?: string
    }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'arrayOf'; readonly query: Query }
  | { readonly kind: 'subquery'; readonly query: Query }
