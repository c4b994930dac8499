import { readDescribed, valueEnd } from './wire.ts'

/** The sections of an encoded message, by their descriptor codes; values are offsets. */
export interface Section {
  readonly code: number
  readonly start: number
  readonly value: number
  readonly end: number
}

export const section = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  value: 0x77,
} as const

export function sections(buffer: Buffer): Section[] {
  const found: Section[] = []
  for (let at = 0; at < buffer.length; ) {
    const { code, value } = readDescribed(buffer, at)
    const end = valueEnd(buffer, value)
    found.push({ code, start: at, value, end })
    at = end
  }
  return found
}

/** AMQP's null. */
export const nothing = Buffer.from([0x40])

export function describedList(code: number, items: readonly Buffer[]): Buffer {
  return described(code, 0xd0, items)
}

export function describedMap(code: number, items: readonly Buffer[]): Buffer {
  return described(code, 0xd1, items)
}

function described(code: number, type: number, items: readonly Buffer[]): Buffer {
  let size = 0
  for (const item of items) size += item.length
  const buffer = Buffer.allocUnsafe(12 + size)
  buffer[0] = 0x00
  buffer[1] = 0x53
  buffer[2] = code
  buffer[3] = type
  buffer.writeUInt32BE(size + 4, 4)
  buffer.writeUInt32BE(items.length, 8)
  let at = 12
  for (const item of items) at += item.copy(buffer, at)
  return buffer
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
