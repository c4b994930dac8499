import { limits } from '@store/contract/limits'
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useStored } from './useStored.ts'

/**
 * One line of the cart. `name` and `price` are what the visitor saw when it was put there, to say later what changed
 * or is gone; they decide nothing: prices come from the catalogue, and the API prices the order.
 */
export interface CartLine {
  productId: number
  quantity: number
  name: string
  price: number
}

/** The cart of this device. It survives a reload and is the same in every tab. */
export const useCart = defineStore('cart', () => {
  const lines = useStored('cart', readLines)
  const count = computed(() => lines.value.reduce((sum, line) => sum + line.quantity, 0))

  /** Adds pieces of a product; answers how many of them the cart took: it has room for so many pieces, and lines. */
  function add(product: { id: number; name: string; price: number }, quantity: number): number {
    const { id: productId, name, price } = product
    const line = lines.value.find((line) => line.productId === productId)
    if (line) {
      const taken = clampQuantity(line.quantity + quantity) - line.quantity
      setQuantity(productId, line.quantity + quantity)
      return taken
    }
    if (lines.value.length >= limits.orderItems) return 0
    lines.value = [...lines.value, { productId, quantity: clampQuantity(quantity), name, price }]
    return clampQuantity(quantity)
  }

  function setQuantity(productId: number, quantity: number) {
    lines.value = lines.value.map((line) =>
      line.productId === productId ? { ...line, quantity: clampQuantity(quantity) } : line,
    )
  }

  function remove(productId: number) {
    lines.value = lines.value.filter((line) => line.productId !== productId)
  }

  /** Takes a removed line back to its place; what has been added since stays. */
  function putBack(line: CartLine, place: number) {
    if (!add({ id: line.productId, ...line }, line.quantity)) return
    const added = lines.value.find(({ productId }) => productId === line.productId)
    const others = lines.value.filter((other) => other !== added)
    if (added) lines.value = others.toSpliced(place, 0, added)
  }

  /** The visitor has seen these prices: from now on they are what a change is measured by. */
  function acknowledge(prices: ReadonlyMap<number, number>) {
    lines.value = lines.value.map((line) => ({ ...line, price: prices.get(line.productId) ?? line.price }))
  }

  /** Takes out what was ordered; what was added in the meantime stays. */
  function takeOut(ordered: readonly { productId: number; quantity: number }[]) {
    const pieces = new Map(ordered.map(({ productId, quantity }) => [productId, quantity]))
    lines.value = lines.value
      .map((line) => ({ ...line, quantity: line.quantity - (pieces.get(line.productId) ?? 0) }))
      .filter(({ quantity }) => quantity > 0)
  }

  return { lines, count, add, setQuantity, remove, putBack, acknowledge, takeOut }
})

/** A number of pieces that the API takes: whole, from 1 to the limit. */
export function clampQuantity(quantity: number): number {
  return Math.min(limits.quantity, Math.max(1, Math.floor(quantity) || 1))
}

function readLines(stored: unknown): CartLine[] {
  if (!Array.isArray(stored)) return []
  const lines = new Map<number, CartLine>()
  for (const { productId, quantity, name, price } of stored.filter((line) => line instanceof Object)) {
    if (!Number.isInteger(productId) || productId < 1 || !(quantity >= 1)) continue
    lines.set(productId, {
      productId,
      quantity: clampQuantity(Number(quantity)),
      name: String(name ?? ''),
      price: Number(price) || 0,
    })
  }
  return [...lines.values()].slice(0, limits.orderItems)
}
