import { type BuiltIn, finite, isNumber, ofNumbers, type Value } from './function.ts'

/** "Mathematical functions" of the NoSQL query language. */
export const maths: Record<string, BuiltIn> = {
  ABS: ofNumbers(1, 1, Math.abs),
  ACOS: ofNumbers(1, 1, Math.acos),
  ASIN: ofNumbers(1, 1, Math.asin),
  ATAN: ofNumbers(1, 1, Math.atan),
  ATN2: ofNumbers(2, 2, Math.atan2),
  CEILING: ofNumbers(1, 1, Math.ceil),
  COS: ofNumbers(1, 1, Math.cos),
  COT: ofNumbers(1, 1, (x) => 1 / Math.tan(x)),
  DEGREES: ofNumbers(1, 1, (x) => (x * 180) / Math.PI),
  EXP: ofNumbers(1, 1, Math.exp),
  FLOOR: ofNumbers(1, 1, Math.floor),
  LOG: ofNumbers(1, 2, (x, base) => (base === undefined ? Math.log(x) : Math.log(x) / Math.log(base))),
  LOG10: ofNumbers(1, 1, Math.log10),
  NUMBERBIN: ofNumbers(1, 2, (x, size = 1) => Math.floor(x / size) * size),
  PI: ofNumbers(0, 0, () => Math.PI),
  POWER: ofNumbers(2, 2, (x, y) => x ** y),
  RADIANS: ofNumbers(1, 1, (x) => (x * Math.PI) / 180),
  RAND: ofNumbers(0, 0, Math.random),
  ROUND: ofNumbers(1, 2, round),
  SIGN: ofNumbers(1, 1, Math.sign),
  SIN: ofNumbers(1, 1, Math.sin),
  SQRT: ofNumbers(1, 1, Math.sqrt),
  SQUARE: ofNumbers(1, 1, (x) => x * x),
  TAN: ofNumbers(1, 1, Math.tan),
  TRUNC: ofNumbers(1, 1, Math.trunc),
  INTADD: ofIntegers(2, (x, y) => x + y),
  INTSUB: ofIntegers(2, (x, y) => x - y),
  INTMUL: ofIntegers(2, (x, y) => x * y),
  INTDIV: ofIntegers(2, (x, y) => (y === 0n ? undefined : x / y)),
  INTMOD: ofIntegers(2, (x, y) => (y === 0n ? undefined : x % y)),
  INTBITAND: ofIntegers(2, (x, y) => x & y),
  INTBITOR: ofIntegers(2, (x, y) => x | y),
  INTBITXOR: ofIntegers(2, (x, y) => x ^ y),
  INTBITNOT: ofIntegers(1, (x) => ~x),
  INTBITLEFTSHIFT: ofIntegers(2, (x, y) => (y < 0n || y > 63n ? undefined : x << y)),
  INTBITRIGHTSHIFT: ofIntegers(2, (x, y) => (y < 0n || y > 63n ? undefined : x >> y)),
}

/** Half goes away from zero. */
function round(x: number, digits = 0): number {
  if (!Number.isInteger(digits)) return Number.NaN
  // The exponent is moved in the text: multiplying would make 1.005 a little less than it is.
  const shifted = Number(`${Math.abs(x)}e${digits}`)
  const rounded = Number.isNaN(shifted) ? Math.round(Math.abs(x)) : Math.floor(shifted + 0.5)
  return Math.sign(x) * (Number.isNaN(shifted) ? rounded : Number(`${rounded}e${-digits}`))
}

/** Functions of signed integers of 64 bits. */
function ofIntegers(count: 1 | 2, call: (x: bigint, y: bigint) => bigint | undefined): BuiltIn {
  const isInteger = (value: Value) => isNumber(value) && Number.isInteger(value) && Math.abs(value) <= 2 ** 63
  return {
    arity: [count, count],
    call: (values) => {
      if (!values.every(isInteger)) return undefined
      const [x, y = 0] = values as number[]
      const result = call(BigInt(x as number), BigInt(y))
      return result === undefined ? undefined : finite(Number(BigInt.asIntN(64, result)))
    },
  }
}
