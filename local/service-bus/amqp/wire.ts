/**
 * The AMQP 1.0 type system, read from untrusted bytes: every length is checked against what is there, nesting is bounded,
 * and nothing is allocated before it is known to exist. Source: OASIS AMQP 1.0, part 1.
 */

const maxDepth = 32

/** Bytes that are not what they claim to be. */
export class MalformedError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MalformedError'
  }
}

/**
 * The offset behind the value that begins at `at`; throws `MalformedError` when the value is not well-formed or does not
 * end before `end`.
 */
export function valueEnd(buffer: Buffer, at: number, end = buffer.length, depth = 0): number {
  if (at >= end) throw new MalformedError('a value is missing')
  const code = buffer[at] as number
  if (code === 0x00) {
    if (depth > maxDepth) throw new MalformedError('values are nested too deeply')
    return valueEnd(buffer, valueEnd(buffer, at + 1, end, depth + 1), end, depth + 1)
  }
  return payloadEnd(buffer, code, at + 1, end, depth)
}

function payloadEnd(buffer: Buffer, code: number, at: number, end: number, depth: number): number {
  switch (code >>> 4) {
    case 0x4:
      return at
    case 0x5:
    case 0x6:
    case 0x7:
    case 0x8:
    case 0x9: {
      const width = 1 << ((code >>> 4) - 5)
      return within(at + width, end)
    }
    case 0xa:
      return within(at + 1 + (within(at + 1, end) && (buffer[at] as number)), end)
    case 0xb:
      return within(at + 4 + (within(at + 4, end) && buffer.readUInt32BE(at)), end)
    case 0xc:
    case 0xd:
      return compoundEnd(buffer, code, at, end, depth)
    case 0xe:
    case 0xf:
      return arrayEnd(buffer, code, at, end, depth)
    default:
      throw new MalformedError(`unknown type code 0x${code.toString(16)}`)
  }
}

function compoundEnd(buffer: Buffer, code: number, at: number, end: number, depth: number): number {
  if (depth > maxDepth) throw new MalformedError('values are nested too deeply')
  const { first, count, last } = extent(buffer, code >>> 4 === 0xc, at, end)
  let next = first
  for (let i = 0; i < count; i++) next = valueEnd(buffer, next, last, depth + 1)
  if (next !== last) throw new MalformedError('a list or map does not fill its size')
  return last
}

function arrayEnd(buffer: Buffer, code: number, at: number, end: number, depth: number): number {
  if (depth > maxDepth) throw new MalformedError('values are nested too deeply')
  const { first, count, last } = extent(buffer, code >>> 4 === 0xe, at, end)
  let next = first
  while (within(next + 1, last) && buffer[next] === 0x00) next = valueEnd(buffer, next + 1, last, depth + 1)
  const elementCode = buffer[next++] as number
  // Elements of no width would let a few bytes stand for four thousand million values.
  if (elementCode >>> 4 === 0x4 && count > last - at) throw new MalformedError('an array of nothing')
  for (let i = 0; i < count; i++) next = payloadEnd(buffer, elementCode, next, last, depth + 1)
  if (next !== last) throw new MalformedError('an array does not fill its size')
  return last
}

function extent(buffer: Buffer, small: boolean, at: number, end: number) {
  const width = small ? 1 : 4
  within(at + 2 * width, end)
  const size = small ? (buffer[at] as number) : buffer.readUInt32BE(at)
  const count = small ? (buffer[at + 1] as number) : buffer.readUInt32BE(at + 4)
  const last = within(at + width + size, end)
  const first = at + 2 * width
  if (size < width || count > last - first + 1) throw new MalformedError('a count that its size cannot hold')
  return { first, count, last }
}

function within(offset: number, end: number): number {
  if (offset > end) throw new MalformedError('a value is cut off')
  return offset
}

/** A described value: the numeric code of its descriptor and the offset of the value proper. */
export function readDescribed(buffer: Buffer, at: number): { code: number; value: number } {
  if (buffer[at] !== 0x00) throw new MalformedError('a described value is missing')
  const value = valueEnd(buffer, at + 1)
  const code = readScalar(buffer, at + 1)
  return { code: typeof code === 'number' ? code : (descriptorCodes.get(String(code)) ?? -1), value }
}

const descriptorCodes = new Map([
  ['amqp:header:list', 0x70],
  ['amqp:delivery-annotations:map', 0x71],
  ['amqp:message-annotations:map', 0x72],
  ['amqp:properties:list', 0x73],
  ['amqp:application-properties:map', 0x74],
  ['amqp:data:binary', 0x75],
  ['amqp:amqp-sequence:list', 0x76],
  ['amqp:value:*', 0x77],
  ['amqp:footer:map', 0x78],
])

/** The offsets of the elements of the list or map at `at` (for a map: keys and values in turn), and its end. */
export function elements(buffer: Buffer, at: number): { offsets: number[]; end: number } {
  const code = buffer[at] as number
  if (code === 0x45) return { offsets: [], end: at + 1 }
  const kind = code >>> 4
  if (kind !== 0xc && kind !== 0xd) throw new MalformedError('a list or map is missing')
  const { first, count, last } = extent(buffer, kind === 0xc, at + 1, buffer.length)
  const offsets: number[] = []
  for (let i = 0, next = first; i < count; i++) {
    offsets.push(next)
    next = valueEnd(buffer, next, last)
  }
  return { offsets, end: last }
}

/** The simple value at `at`; undefined for lists, maps, arrays and described values. Large integers come as bigint. */
export function readScalar(
  buffer: Buffer,
  at: number,
): string | number | bigint | boolean | Date | Buffer | null | undefined {
  const next = at + 1
  switch (buffer[at]) {
    case 0x40:
      return null
    case 0x41:
      return true
    case 0x42:
      return false
    case 0x43:
    case 0x44:
      return 0
    case 0x50:
    case 0x52:
    case 0x53:
      return buffer.readUInt8(next)
    case 0x51:
    case 0x54:
    case 0x55:
      return buffer.readInt8(next)
    case 0x56:
      return buffer.readUInt8(next) === 1
    case 0x60:
      return buffer.readUInt16BE(next)
    case 0x61:
      return buffer.readInt16BE(next)
    case 0x70:
    case 0x73:
      return buffer.readUInt32BE(next)
    case 0x71:
      return buffer.readInt32BE(next)
    case 0x72:
      return buffer.readFloatBE(next)
    case 0x80:
      return narrow(buffer.readBigUInt64BE(next))
    case 0x81:
      return narrow(buffer.readBigInt64BE(next))
    case 0x82:
      return buffer.readDoubleBE(next)
    case 0x83:
      return new Date(Number(buffer.readBigInt64BE(next)))
    case 0x98:
      return buffer.subarray(next, next + 16)
    case 0xa0:
    case 0xa1:
    case 0xa3:
      return text(buffer, at, next + 1, buffer.readUInt8(next))
    case 0xb0:
    case 0xb1:
    case 0xb3:
      return text(buffer, at, next + 4, buffer.readUInt32BE(next))
    default:
      return undefined
  }
}

function text(buffer: Buffer, at: number, start: number, length: number): string | Buffer {
  const bytes = buffer.subarray(start, start + length)
  const isBinary = ((buffer[at] as number) & 0xf) === 0
  return isBinary ? bytes : bytes.toString('utf8')
}

function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
