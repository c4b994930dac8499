/** What a simulated customer buys. The same customer number buys the same basket of the same catalogue. Pure. */
import { limits } from '@store/contract'

export interface Basket {
  customerId: string
  items: { productId: number; quantity: number }[]
}

/** How many different people shop; they come back. */
const customers = 500

/**
 * The basket of customer number `number`: mostly one or two products and rarely more than four, mostly one piece of
 * each, and some products sell much better than others.
 * @param productIds the numbers of the products on sale; at least one.
 */
export function basketOf(number: number, productIds: readonly number[]): Basket {
  const random = randomNumbers(number)
  const lines = Math.min(pick(random(), [50, 28, 15, 7]) + 1, productIds.length)
  const chosen = new Set<number>()
  while (chosen.size < lines) {
    // The square draws the first products more often than the last.
    const id = productIds[Math.floor(random() ** 2 * productIds.length)]
    if (id !== undefined) chosen.add(id)
  }
  const customer = Math.floor(random() * customers) + 1
  return {
    customerId: `customer-${String(customer).padStart(3, '0')}`.slice(0, limits.customerId),
    items: [...chosen].map((productId) => ({ productId, quantity: pick(random(), [70, 20, 7, 3]) + 1 })),
  }
}

/** The position that a random number from 0 to 1 falls on when each has its weight. */
function pick(random: number, weights: readonly number[]): number {
  let left = random * weights.reduce((sum, weight) => sum + weight, 0)
  const position = weights.findIndex((weight) => {
    left -= weight
    return left < 0
  })
  return position < 0 ? weights.length - 1 : position
}

/** Random numbers from 0 (inclusive) to 1 (exclusive) that follow from a seed: a linear congruence over 48 bits. */
function randomNumbers(seed: number): () => number {
  const modulus = 2n ** 48n
  const next = (state: bigint) => (state * 25_214_903_917n + 11n) % modulus
  let state = next(BigInt(seed) ^ 25_214_903_917n)
  return () => {
    state = next(state)
    return Number(state >> 16n) / 2 ** 32
  }
}
