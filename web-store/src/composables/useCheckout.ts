import type { NewOrder, Order } from '@store/contract'
import { ApiError } from '@store/contract/client'
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { api } from '../api.ts'
import { useStored } from './useStored.ts'

/** A basket that was sent and not answered yet, with the key that makes sending it again harmless. */
interface Attempt {
  key: string
  body: string
}

/**
 * Placing an order. The Idempotency-Key belongs to the basket: it is made when the basket is first sent and kept in
 * this browser until the API has answered, so that a double click, a second tab, a lost answer or a reload in the
 * middle all make one order.
 */
export const useCheckout = defineStore('checkout', () => {
  const attempt = useStored('checkout', readAttempt)
  const customerId = useStored('customer', (stored) =>
    typeof stored === 'string' && /^[\w-]{1,64}$/.test(stored) ? stored : undefined,
  )
  let underWay: Promise<Order> | undefined
  const placing = ref(false)

  /**
   * Places the order, or asks again for the answer to the same basket.
   * @throws {ApiError | TypeError} refused, or unanswered: `isUnanswered` tells which, and the basket can be sent again.
   */
  function place(items: NewOrder['items']): Promise<Order> {
    underWay ??= send(items).finally(() => {
      underWay = undefined
      placing.value = false
    })
    placing.value = true
    return underWay
  }

  async function send(items: NewOrder['items']): Promise<Order> {
    const body = bodyOf(items)
    if (attempt.value?.body !== body) attempt.value = { key: randomKey(), body }
    const { key } = attempt.value
    try {
      const order = await api.orders.place(JSON.parse(body) as NewOrder, key)
      attempt.value = undefined
      return order
    } catch (error) {
      if (!isUnanswered(error)) attempt.value = undefined
      throw error
    }
  }

  /** Whether this basket was sent before and its answer never came. */
  const isPending = (items: NewOrder['items']) => attempt.value?.body === bodyOf(items)

  function bodyOf(items: NewOrder['items']): string {
    customerId.value ??= `web-${randomKey().slice(-12)}`
    return JSON.stringify({ customerId: customerId.value, items } satisfies NewOrder)
  }

  return { placing, place, isPending }
})

/** The order may have been made all the same: no answer came, or one that says to try again. */
export function isUnanswered(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || [408, 409, 425, 429].includes(error.status)
}

/** 128 random bits. (`crypto.randomUUID` is missing where the store is served without TLS.) */
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )

function readAttempt(stored: unknown): Attempt | undefined {
  const { key, body } = (stored ?? {}) as Partial<Attempt>
  return typeof key === 'string' && typeof body === 'string' ? { key, body } : undefined
}
