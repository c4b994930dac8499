import type { TypedValue } from '../engine/value.ts'

/** A property by its name: of the message itself (`sys`) or of its application (`user`). */
export interface PropertyName {
  readonly scope: 'sys' | 'user'
  readonly name: string
}

/** Something that has a value. */
export type Expression =
  | { readonly kind: 'constant'; readonly value: TypedValue }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'newid' }
  | { readonly kind: 'property'; readonly property: PropertyName }
  | { readonly kind: 'propertyByName'; readonly name: Expression }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly operand: Expression }
  | {
      readonly kind: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: Expression
      readonly right: Expression
    }

export type ArithmeticOperator = '%' | '*' | '+' | '-' | '/'

export type ComparisonOperator = '<' | '<=' | '<>' | '=' | '>' | '>='

/** Something that is true, false or unknown. */
export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly left: Predicate; readonly right: Predicate }
  | { readonly kind: 'not'; readonly operand: Predicate }
  | {
      readonly kind: 'comparison'
      readonly operator: ComparisonOperator
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'isNull'; readonly property: PropertyName }
  | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[] }
  | {
      readonly kind: 'like'
      readonly value: Expression
      readonly pattern: Expression
      readonly escape?: Expression | undefined
    }
  | { readonly kind: 'exists'; readonly property: PropertyName }
  | { readonly kind: 'literal'; readonly value: boolean }

/** One change of a message. */
export type Statement =
  | { readonly kind: 'set'; readonly property: PropertyName; readonly value: Expression }
  | { readonly kind: 'remove'; readonly property: PropertyName }
