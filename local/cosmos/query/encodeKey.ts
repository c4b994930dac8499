import type { Json } from './source.ts'

/**
 * Bytes that compare, one by one, as the values do: undefined < null < false < true < number < string < array < object.
 * No encoded value is the beginning of another, so that those of several values can stand behind one another, and a
 * descending one is its bytes turned over.
 */
export function encodeKey(
  values: readonly (Json | undefined)[],
  orders: readonly ('asc' | 'desc')[] = [],
): Uint8Array {
  scratch.clear()
  values.forEach((value, i) => {
    const start = scratch.length
    append(scratch, value)
    if (orders[i] === 'desc') scratch.invert(start)
  })
  return scratch.take()
}

/** The first key behind all that begin with these bytes; undefined if there is none. */
export function afterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let end = prefix.length
  while (end > 0 && prefix[end - 1] === 0xff) end--
  if (end === 0) return undefined
  // Not `slice`: that of a Buffer would be the same bytes.
  const after = Uint8Array.from(prefix.subarray(0, end))
  after[end - 1] = (after[end - 1] as number) + 1
  return after
}

/** The bytes that the encoded keys of all strings with this beginning start with. */
export function encodeStringPrefix(prefix: string, order: 'asc' | 'desc' = 'asc'): Uint8Array {
  scratch.clear()
  scratch.add(tags.string)
  appendText(scratch, prefix)
  if (order === 'desc') scratch.invert(0)
  return scratch.take()
}

/** The first byte of each type's values; above the end of an array or object (0), below 255. */
export const tags = {
  undefined: 0x10,
  null: 0x20,
  false: 0x30,
  true: 0x31,
  number: 0x40,
  string: 0x50,
  array: 0x60,
  object: 0x70,
} as const

const end = 0

function append(bytes: Bytes, value: Json | undefined): void {
  if (value === undefined) bytes.add(tags.undefined)
  else if (value === null) bytes.add(tags.null)
  else if (typeof value === 'boolean') bytes.add(value ? tags.true : tags.false)
  else if (typeof value === 'number') {
    bytes.add(tags.number)
    bytes.addNumber(value)
  } else if (typeof value === 'string') {
    bytes.add(tags.string)
    appendText(bytes, value)
    bytes.add(end)
  } else if (Array.isArray(value)) {
    bytes.add(tags.array)
    for (const element of value) append(bytes, element)
    bytes.add(end)
  } else {
    bytes.add(tags.object)
    for (const name of Object.keys(value).sort()) {
      append(bytes, name)
      append(bytes, value[name])
    }
    bytes.add(end)
  }
}

/**
 * Strings compare by their UTF-16 units, as in the SDKs: each unit is written as UTF-8 would write it by itself. 0 and 1
 * become two bytes, since 0 ends a string.
 */
function appendText(bytes: Bytes, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 2) {
      bytes.add(1)
      bytes.add(unit + 1)
    } else if (unit < 0x80) bytes.add(unit)
    else if (unit < 0x800) {
      bytes.add(0xc0 | (unit >> 6))
      bytes.add(0x80 | (unit & 0x3f))
    } else {
      bytes.add(0xe0 | (unit >> 12))
      bytes.add(0x80 | ((unit >> 6) & 0x3f))
      bytes.add(0x80 | (unit & 0x3f))
    }
  }
}

/** So many bytes are kept for the next key. */
const kept = 64 * 1024

/** A growing row of bytes. */
class Bytes {
  length = 0
  #buffer = new Uint8Array(64)
  #view = new DataView(this.#buffer.buffer)

  clear(): void {
    this.length = 0
    if (this.#buffer.length > kept) this.#replace(new Uint8Array(64))
  }

  add(byte: number): void {
    this.#reserve(1)
    this.#buffer[this.length++] = byte
  }

  /** A double so that bytes compare as numbers: the sign turned over, and all bits of a negative one. */
  addNumber(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.length, value === 0 ? 0 : value)
    const high = this.#buffer[this.length] as number
    if (high & 0x80) this.invert(this.length, this.length + 8)
    else this.#buffer[this.length] = high | 0x80
    this.length += 8
  }

  invert(start: number, end = this.length): void {
    for (let i = start; i < end; i++) this.#buffer[i] = ~(this.#buffer[i] as number)
  }

  take(): Uint8Array {
    return this.#buffer.slice(0, this.length)
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#buffer.length) return
    const larger = new Uint8Array(this.#buffer.length * 2)
    larger.set(this.#buffer)
    this.#replace(larger)
  }

  #replace(buffer: Uint8Array<ArrayBuffer>): void {
    this.#buffer = buffer
    this.#view = new DataView(buffer.buffer)
  }
}

/** Every key is written here first: a row of its own for each would cost more than the key. */
const scratch = new Bytes()
