import { Failure } from '../engine/failure.ts'
import { uuidText } from './lockTokens.ts'

/** The body of a management request, as rhea decodes it; what is missing or of another type is refused (`argument-error`). */
export type Body = Readonly<Record<string, unknown>>

export function lockTokens(body: Body): string[] {
  return list(body['lock-tokens']).map((token) => uuidText(binary(token)))
}

export function sequenceNumbers(body: Body): number[] {
  return list(body['sequence-numbers']).map(integer)
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Failure('argument-error', 'The request lacks a list that it needs.')
  return value
}

export function binary(value: unknown): Buffer {
  if (!Buffer.isBuffer(value))
    throw new Failure('argument-error', 'The request lacks a binary value that it needs.')
  return value
}

export function integer(value: unknown): number {
  const number = Buffer.isBuffer(value) && value.length === 8 ? Number(value.readBigInt64BE()) : value
  if (typeof number !== 'number' || Number.isNaN(number))
    throw new Failure('argument-error', 'The request lacks a number that it needs.')
  return number
}

export function text(value: unknown): string {
  if (typeof value !== 'string')
    throw new Failure('argument-error', 'The request lacks a text that it needs.')
  return value
}

/** Milliseconds since the epoch. */
export function moment(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime()
  return typeof value === 'number' ? value : undefined
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
