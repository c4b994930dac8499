import type { TypedValue, ValueType } from '../engine/value.ts'

import { readScalar, valueEnd } from './wire.ts'

/**
 * Property values with their AMQP types. .NET's TimeSpan, DateTimeOffset and Uri travel as described values; their
 * descriptors are those that the Azure SDKs know.
 */
const described = {
  'com.microsoft:timespan': 'timespan',
  'com.microsoft:datetime-offset': 'datetimeoffset',
  'com.microsoft:uri': 'uri',
} as const satisfies Readonly<Record<string, ValueType>>

/** The types of constructors, by their codes. */
const types: Readonly<Record<number, ValueType>> = {
  64: 'null',
  65: 'boolean',
  66: 'boolean',
  67: 'uint',
  68: 'ulong',
  80: 'ubyte',
  81: 'byte',
  82: 'uint',
  83: 'ulong',
  84: 'int',
  85: 'long',
  86: 'boolean',
  96: 'ushort',
  97: 'short',
  112: 'uint',
  113: 'int',
  114: 'float',
  115: 'char',
  128: 'ulong',
  129: 'long',
  130: 'double',
  131: 'timestamp',
  148: 'decimal128',
  152: 'uuid',
  160: 'binary',
  161: 'string',
  163: 'symbol',
  176: 'binary',
  177: 'string',
  179: 'symbol',
}

/** The value at an offset; undefined for types that properties do not have, such as lists. */
export function readTyped(buffer: Buffer, at: number): TypedValue | undefined {
  if (buffer[at] === 0x00) return readDescribedValue(buffer, at)
  const type = types[buffer[at] as number]
  if (type === undefined) return undefined
  if (type === 'decimal128') return { type, value: Buffer.from(buffer.subarray(at + 1, at + 17)) }
  const value = readScalar(buffer, at)
  if (type === 'char') return { type, value: String.fromCodePoint(Math.min(Number(value), 0x10ffff)) }
  // Timestamps have eight bytes, dates fewer.
  if (value instanceof Date && Number.isNaN(value.getTime()))
    return { type, value: buffer.readBigInt64BE(at + 1) }
  if (type === 'uuid') return { type, value: uuidText(value as Buffer) }
  if (type === 'float' || type === 'double') return { type, value: Number(value) }
  if (typeof value === 'number') return { type, value: BigInt(value) }
  return value === undefined ? undefined : { type, value }
}

function readDescribedValue(buffer: Buffer, at: number): TypedValue | undefined {
  const name = readScalar(buffer, at + 1)
  const type = typeof name === 'string' ? described[name as keyof typeof described] : undefined
  if (type === undefined) return undefined
  const value = readScalar(buffer, valueEnd(buffer, at + 1))
  if (type === 'uri') return typeof value === 'string' ? { type, value } : undefined
  return typeof value === 'number' || typeof value === 'bigint' ? { type, value: BigInt(value) } : undefined
}

/** The value, encoded with its type. */
export function writeTyped({ type, value }: TypedValue): Buffer {
  switch (type) {
    case 'null':
      return Buffer.from([0x40])
    case 'boolean':
      return Buffer.from([value === true ? 0x41 : 0x42])
    case 'ubyte':
    case 'byte':
      return fixed(type === 'ubyte' ? 0x50 : 0x51, 1, (b) => b.writeUInt8(Number(value) & 0xff, 1))
    case 'ushort':
    case 'short':
      return fixed(type === 'ushort' ? 0x60 : 0x61, 2, (b) => b.writeUInt16BE(Number(value) & 0xffff, 1))
    case 'uint':
      return fixed(0x70, 4, (b) => b.writeUInt32BE(Number(value), 1))
    case 'int':
      return fixed(0x71, 4, (b) => b.writeInt32BE(Number(value), 1))
    case 'ulong':
      return fixed(0x80, 8, (b) => b.writeBigUInt64BE(value as bigint, 1))
    case 'long':
      return fixed(0x81, 8, (b) => b.writeBigInt64BE(value as bigint, 1))
    case 'float':
      return fixed(0x72, 4, (b) => b.writeFloatBE(Number(value), 1))
    case 'double':
      return fixed(0x82, 8, (b) => b.writeDoubleBE(Number(value), 1))
    case 'char':
      return fixed(0x73, 4, (b) => b.writeUInt32BE(String(value).codePointAt(0) ?? 0, 1))
    case 'timestamp':
      return fixed(0x83, 8, (b) => b.writeBigInt64BE(timestampOf(value), 1))
    case 'uuid':
      return Buffer.concat([Buffer.from([0x98]), Buffer.from(String(value).replaceAll('-', ''), 'hex')])
    case 'decimal128':
      return Buffer.concat([Buffer.from([0x94]), value as Uint8Array])
    case 'binary':
      return variable(0xb0, Buffer.from(value as Uint8Array))
    case 'symbol':
      return variable(0xb3, Buffer.from(String(value)))
    case 'string':
      return variable(0xb1, Buffer.from(String(value)))
    case 'uri':
      return withDescriptor('com.microsoft:uri', variable(0xb1, Buffer.from(String(value))))
    case 'timespan':
      return withDescriptor('com.microsoft:timespan', writeTyped({ type: 'long', value }))
    case 'datetimeoffset':
      return withDescriptor('com.microsoft:datetime-offset', writeTyped({ type: 'long', value }))
  }
}

function timestampOf(value: TypedValue['value']): bigint {
  return value instanceof Date ? BigInt(value.getTime()) : (value as bigint)
}

function fixed(code: number, width: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(1 + width)
  buffer[0] = code
  write(buffer)
  return buffer
}

function variable(code: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head[0] = code
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

function withDescriptor(name: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x00, 0xa3, name.length]), Buffer.from(name, 'ascii'), value])
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
