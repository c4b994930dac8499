import { MalformedError, valueEnd } from './wire.ts'

const headerSize = 8
const amqp = 0x414d5150

/**
 * Stands between a socket and rhea: lets only whole frames pass, of a bounded size and with a well-formed performative.
 * (rhea trusts lengths and counts, and would wait for, or allocate, whatever they ask for.)
 */
export class FrameGuard {
  readonly #maxFrameSize: number
  #rest: Buffer | undefined

  constructor(maxFrameSize: number) {
    this.#maxFrameSize = maxFrameSize
  }

  /**
   * The complete frames that are in now, in pieces that begin where a protocol header begins (after the exchange of SASL
   * frames there comes a second one). Throws `MalformedError` on anything that is not AMQP.
   */
  pass(chunk: Buffer): Buffer[] {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    const pieces: Buffer[] = []
    let start = 0
    let at = 0
    for (;;) {
      const size = this.#frameSize(bytes, at)
      if (size === undefined || at + size > bytes.length) break
      if (at > start && isHeader(bytes, at)) {
        pieces.push(bytes.subarray(start, at))
        start = at
      }
      at += size
    }
    if (at > start) pieces.push(bytes.subarray(start, at))
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined
    return pieces
  }

  #frameSize(bytes: Buffer, at: number): number | undefined {
    const available = bytes.length - at
    if (available < headerSize) {
      if (available > 0 && available < 4 && at === 0 && bytes[0] !== 0x41 && bytes[0] !== 0) {
        throw new MalformedError('this is not AMQP')
      }
      return undefined
    }
    const size = bytes.readUInt32BE(at)
    if (isHeader(bytes, at)) return headerSize
    if (size < headerSize || size > this.#maxFrameSize) throw new MalformedError(`a frame of ${size} bytes`)
    if (available < size) return size
    const dataOffset = (bytes[at + 4] as number) * 4
    if (dataOffset < headerSize || dataOffset > size) throw new MalformedError('a frame without its header')
    if (dataOffset < size) checkPerformative(bytes, at + dataOffset, at + size)
    return size
  }
}

/** Whether a protocol header stands there (AMQP 1.0, 2.2 and 5.3.1). */
export function isHeader(bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === amqp
}

/** A performative is a described list. */
function checkPerformative(bytes: Buffer, at: number, end: number): void {
  if (bytes[at] !== 0x00) throw new MalformedError('a frame without a performative')
  const value = valueEnd(bytes, at + 1, end)
  const code = bytes[value] as number
  if (value >= end || (code !== 0x45 && code !== 0xc0 && code !== 0xd0)) {
    throw new MalformedError('a performative that is not a list')
  }
  valueEnd(bytes, value, end)
}
