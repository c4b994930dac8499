import type { Value } from './functions/function.ts'
import type { Document } from './source.ts'

/** Looks at values one after the other until `visit` says true: enough. Says whether it did. */
export type Each = (visit: (value: Document) => boolean) => boolean

/** What a compiled query works on. */
export interface Frame {
  /** The values of the aliases and aggregates, each in the place that the compiler gave it. */
  slots: Value[]
  /** The documents that FROM ranges over. */
  documents: Each
  /** The time of the query, in ms since the epoch. */
  readonly now: number
}

/** A compiled expression. */
export type Evaluate = (frame: Frame) => Value

/** Puts each row into the slots and visits it, until `visit` says true: enough. Says whether it did. */
export type Rows = (frame: Frame, visit: () => boolean) => boolean

/** The most documents of a page, and so on, are known before; a frame without documents evaluates constants. */
export const emptyFrame = (now: number): Frame => ({ slots: [], documents: () => false, now })
