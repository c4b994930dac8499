/**
 * A property of a message or of a rule, with the type that its sender gave it: an `int` that is read back is an `int`
 * again. Whole numbers are bigints (`timespan` and `datetimeoffset` in .NET ticks of 100 ns), UUIDs are text.
 */
export interface TypedValue {
  readonly type: ValueType
  readonly value: bigint | boolean | number | string | Date | Uint8Array | null
}

export type ValueType = IntegerType | FloatType | OtherType

export type IntegerType = 'byte' | 'int' | 'long' | 'short' | 'ubyte' | 'uint' | 'ulong' | 'ushort'

export type FloatType = 'double' | 'float'

type OtherType =
  | 'binary'
  | 'boolean'
  | 'char'
  | 'datetimeoffset'
  | 'decimal128'
  | 'null'
  | 'string'
  | 'symbol'
  | 'timespan'
  | 'timestamp'
  | 'uri'
  | 'uuid'

export const nullValue: TypedValue = { type: 'null', value: null }

export function textValue(value: string): TypedValue {
  return { type: 'string', value }
}

const integerTypes: ReadonlySet<ValueType> = new Set<IntegerType>([
  'byte',
  'int',
  'long',
  'short',
  'ubyte',
  'uint',
  'ulong',
  'ushort',
])

const textTypes: ReadonlySet<ValueType> = new Set<ValueType>(['char', 'string', 'symbol', 'uri'])

export function isInteger(value: TypedValue): value is { type: IntegerType; value: bigint } {
  return integerTypes.has(value.type)
}

export function isNumber(
  value: TypedValue,
): value is { type: FloatType | IntegerType; value: bigint | number } {
  return integerTypes.has(value.type) || value.type === 'double' || value.type === 'float'
}

export function isText(value: TypedValue): value is { type: 'string'; value: string } {
  return textTypes.has(value.type)
}

/** The value as text, as the broker compares ids and writes rules. */
export function textOf({ type, value }: TypedValue): string {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return type === 'null' ? '' : String(value)
}

/** Below 0, 0 or above 0; undefined when values of these types have no order between them. */
export function compare(a: TypedValue, b: TypedValue): number | undefined {
  if (isNumber(a) && isNumber(b)) return order(a.value, b.value)
  if (isText(a) && isText(b)) return order(a.value, b.value)
  if (a.type !== b.type) return undefined
  if (a.value instanceof Date && b.value instanceof Date) return order(a.value.getTime(), b.value.getTime())
  if (typeof a.value === 'bigint' && typeof b.value === 'bigint') return order(a.value, b.value)
  if (typeof a.value === 'boolean' || a.type === 'uuid') return order(String(a.value), String(b.value))
  if (a.value instanceof Uint8Array && b.value instanceof Uint8Array) return Buffer.compare(a.value, b.value)
  return undefined
}

function order(a: bigint | number | string, b: bigint | number | string): number {
  if (a < b) return -1
  if (a > b) return 1
  return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : 0
}
