/**
 * The hash by which documents are spread over partitions ("effective partition key", version 2): clients name ranges of it
 * where a hierarchical key is given in part, and in feed ranges. MurmurHash3 (x64, 128 bits) of each value's bytes.
 */
import type { Json } from '../query/source.ts'

/** 32 hexadecimal digits for each value. */
export function partitionHash(values: readonly (Json | undefined)[], kind: 'Hash' | 'MultiHash'): string {
  if (kind === 'MultiHash') return values.map((value) => hashOf(bytesOf(value))).join('')
  return hashOf(Buffer.concat(values.map(bytesOf)))
}

function bytesOf(value: Json | undefined): Buffer {
  if (value === undefined) return Buffer.of(0)
  if (value === null) return Buffer.of(1)
  if (typeof value === 'boolean') return Buffer.of(value ? 3 : 2)
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9)
    bytes[0] = 5
    bytes.writeDoubleLE(value, 1)
    return bytes
  }
  return Buffer.concat([Buffer.of(8), Buffer.from(String(value)), Buffer.of(0xff)])
}

function hashOf(bytes: Buffer): string {
  const [low, high] = murmur3(bytes)
  const result = Buffer.alloc(16)
  result.writeBigUInt64BE(high, 0)
  result.writeBigUInt64BE(low, 8)
  result[0] = (result[0] as number) & 0x3f
  return result.toString('hex').toUpperCase()
}

const c1 = 0x87c37b91114253d5n
const c2 = 0x4cf5ad432745937fn
const word = (value: bigint) => BigInt.asUintN(64, value)
const rotate = (value: bigint, by: bigint) => word((value << by) | (value >> (64n - by)))
const mix1 = (k: bigint) => word(rotate(word(k * c1), 31n) * c2)
const mix2 = (k: bigint) => word(rotate(word(k * c2), 33n) * c1)

function finish(value: bigint): bigint {
  let h = value
  h = word((h ^ (h >> 33n)) * 0xff51afd7ed558ccdn)
  h = word((h ^ (h >> 33n)) * 0xc4ceb9fe1a85ec53n)
  return h ^ (h >> 33n)
}

function murmur3(bytes: Buffer): [bigint, bigint] {
  let h1 = 0n
  let h2 = 0n
  const whole = bytes.length - (bytes.length % 16)
  for (let at = 0; at < whole; at += 16) {
    h1 ^= mix1(bytes.readBigUInt64LE(at))
    h1 = word((rotate(h1, 27n) + h2) * 5n + 0x52dce729n)
    h2 ^= mix2(bytes.readBigUInt64LE(at + 8))
    h2 = word((rotate(h2, 31n) + h1) * 5n + 0x38495ab5n)
  }
  const tail = Buffer.alloc(16)
  bytes.copy(tail, 0, whole)
  h2 ^= mix2(tail.readBigUInt64LE(8))
  h1 ^= mix1(tail.readBigUInt64LE(0))
  const length = BigInt(bytes.length)
  h1 = word((h1 ^ length) + (h2 ^ length))
  h2 = word((h2 ^ length) + h1)
  h1 = finish(h1)
  h2 = finish(h2)
  h1 = word(h1 + h2)
  h2 = word(h2 + h1)
  return [h1, h2]
}
