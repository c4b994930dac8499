import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import rhea, { type Typed } from './rhea.ts'
import { MalformedError, readScalar, valueEnd } from './wire.ts'

const { types } = rhea

function encode(value: Typed): Buffer {
  const writer = new types.Writer()
  writer.write(value)
  return Buffer.from(writer.toBuffer())
}

/** Values as any AMQP encoder may write them. */
const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.integer(),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
  ),
})).value

describe('the AMQP type system', () => {
  it('finds the end of every value that is well-formed', () => {
    fc.assert(
      fc.property(anything, fc.nat(20), (value, extra) => {
        const bytes = encode(types.wrap(value))
        expect(valueEnd(Buffer.concat([bytes, Buffer.alloc(extra)]), 0)).toBe(bytes.length)
      }),
    )
  })

  it('refuses every value that is cut off', () => {
    fc.assert(
      fc.property(anything, fc.nat(), (value, cut) => {
        const bytes = encode(types.wrap(value))
        expect(() => valueEnd(bytes.subarray(0, cut % bytes.length), 0)).toThrow(MalformedError)
      }),
    )
  })

  it('ends with an error or within the bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (array) => {
        const bytes = Buffer.from(array)
        try {
          expect(valueEnd(bytes, 0)).toBeLessThanOrEqual(bytes.length)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('reads simple values', () => {
    const values = ['text', 0, 1, 255, 256, -1, -300, 2 ** 40, 1.5, true, false, null, new Date(5)]
    for (const value of values) expect(readScalar(encode(types.wrap(value)), 0)).toEqual(value)
  })
})
