import type { NewOrder, Order } from '@store/contract'
import { ApiError } from '@store/contract/client'
import { defineStore } from 'pinia'
import { v7 as uuidv7 } from 'uuid'
import { computed, ref } from 'vue'
import { api } from '../api.ts'
import { useStored } from './useStored.ts'

/** An order that was sent and not answered yet, with the key that makes sending it again harmless. */
interface Attempt {
  key: string
  order: NewOrder
  /** When it was first sent. */
  at: number
}

const day = 86_400_000

/**
 * Placing an order. What is sent is kept in this browser, with its Idempotency-Key, until the API has answered, so that
 * a double click, a second tab, a lost answer or a reload in the middle all make one order. Until then nothing else is
 * sent, even if the cart has changed: the order may have been made. After a day nobody waits for it any more.
 */
export const useCheckout = defineStore('checkout', () => {
  const attempt = useStored('checkout', readAttempt)
  const customerId = useStored('customer', (stored) =>
    typeof stored === 'string' && /^[\w-]{1,64}$/.test(stored) ? stored : undefined,
  )
  let underWay: Promise<Order> | undefined
  const placing = ref(false)

  /** The basket that was sent and whose answer never came. */
  const unanswered = computed(() => attempt.value?.order.items)

  /**
   * Places an order of the basket, or, where one was not answered, asks again for that: the order tells what it holds.
   * @throws {ApiError | TypeError} refused, or unanswered: `isUnanswered` tells which, and it can be tried again.
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
    customerId.value ??= `web-${uuidv7().slice(-12)}`
    // A UUIDv7 gives its time to the order's id. (`crypto.randomUUID` is missing where the store is served without TLS.)
    attempt.value ??= { key: uuidv7(), order: { customerId: customerId.value, items }, at: Date.now() }
    const { key, order } = attempt.value
    try {
      const placed = await api.orders.place(order, key)
      attempt.value = undefined
      return placed
    } catch (error) {
      if (!isUnanswered(error)) attempt.value = undefined
      throw error
    }
  }

  return { placing, place, unanswered }
})

/** The order may have been made all the same: no answer came, or one that says to try again. */
export function isUnanswered(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || [408, 409, 425, 429].includes(error.status)
}

function readAttempt(stored: unknown): Attempt | undefined {
  const { key, order, at } = (stored ?? {}) as Partial<Attempt>
  const isRight = typeof key === 'string' && Array.isArray(order?.items) && Number(at) > Date.now() - day
  return isRight ? (stored as Attempt) : undefined
}
