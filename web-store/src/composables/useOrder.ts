import type { Order } from '@store/contract'
import { ApiError } from '@store/contract/client'
import { isFinal } from '@store/contract/status'
import { onScopeDispose, shallowRef } from 'vue'
import { api } from '../api.ts'
import { useOrderBook } from './useOrderBook.ts'

/**
 * Follows an order while the page is looked at: asks whether it changed (an unchanged one costs an empty 304), often
 * while things move, less and less when nothing happens, not at all once it is final or while the tab is hidden.
 */
export function useOrder(orderId: string, track = api.orders.track) {
  const order = shallowRef<Order>()
  /** Why the latest question failed; undefined when it was answered. */
  const error = shallowRef<unknown>()
  const book = useOrderBook()

  let etag: string | null = null
  let failures = 0
  let freshSince = Date.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | undefined
  let left = false

  async function ask(): Promise<void> {
    if (left) return
    clearTimeout(timer)
    asking?.abort()
    asking = new AbortController()
    const { signal } = asking
    try {
      const answer = await track(orderId, etag, signal)
      if (signal.aborted) return
      if (answer) take(answer.value, answer.etag)
      error.value = undefined
      failures = 0
    } catch (cause) {
      if (signal.aborted) return
      error.value = cause
      failures++
      if (cause instanceof ApiError && cause.status < 500 && cause.status !== 429) return
    }
    const final = order.value && isFinal(order.value.state)
    if (!final && !document.hidden) timer = setTimeout(ask, pollDelay(Date.now() - freshSince, failures))
  }

  /** Takes up an order that another call answered, e.g. cancelling. */
  function take(next: Order, tag: string | null) {
    if (order.value?.state !== next.state) freshSince = Date.now()
    order.value = next
    etag = tag
    book.update(next)
  }

  /** Someone looks again, or the network is back: ask at once. */
  function wake() {
    if (document.hidden) return clearTimeout(timer)
    if (order.value && isFinal(order.value.state)) return
    freshSince = Date.now()
    void ask()
  }

  document.addEventListener('visibilitychange', wake)
  addEventListener('online', wake)
  onScopeDispose(() => {
    left = true
    document.removeEventListener('visibilitychange', wake)
    removeEventListener('online', wake)
    clearTimeout(timer)
    asking?.abort()
  })
  void ask()

  return { order, error, ask, take }
}

/** Milliseconds to wait: one second while the news are fresh, growing to 15; after failures growing faster. */
export function pollDelay(sinceFresh: number, failures = 0): number {
  const quiet =
    sinceFresh < 60_000 ? 1_000 : sinceFresh < 300_000 ? 2_000 : Math.min(15_000, sinceFresh / 150)
  return failures ? Math.min(15_000, quiet * 2 ** Math.min(failures, 4)) : quiet
}
