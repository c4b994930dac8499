/** The board of orders: which ones are asked for (all of it in the address), and what has come in since. */
import { useQuery } from '@pinia/colada'
import type { OrderPage } from '@store/contract'
import type { OrderQuery } from '@store/contract/admin-client'
import { ApiError } from '@store/contract/client'
import { readOrderNumber } from '@store/contract/order-number'
import { type OrderState, orderStates } from '@store/contract/status'
import { computed, ref, watch } from 'vue'
import { api } from '../api.ts'
import { startOfDay } from '../days.ts'
import { useLive } from './live.ts'
import { usePageQuery, useQueryText } from './pageQuery.ts'

export type BoardState = OrderState | 'all'

const pageSize = 25

/** What the board asks for: one order, wherever it is, or a page of those that the filters let through. */
export type BoardQuery = OrderQuery & { orderId?: string | undefined }

/** Whether a text is the whole id of an order: a UUID that tells its time, or stands for a key. */
const isOrderId = (text: string) =>
  /^[\da-f]{8}-[\da-f]{4}-[78][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i.test(text)

/** What the address asks for. Every change but that of the page starts again at the newest orders. */
export function useBoardFilters() {
  const { get, having, set } = usePageQuery()
  const state = computed<BoardState>(() => {
    const wanted = get('state')
    return wanted === 'all' ? 'all' : (orderStates.find((known) => known === wanted) ?? 'pending')
  })
  const day = (name: 'from' | 'to') =>
    computed({ get: () => get(name), set: (value: string) => void set({ [name]: value, after: '' }) })
  const from = day('from')
  const to = day('to')
  const after = computed(() => get('after'))
  const { typed, settled } = useQueryText('find', ['after'])
  const found = computed(() => settled.value.trim())
  const orderId = computed(() => (isOrderId(found.value) ? found.value.toLowerCase() : undefined))

  const query = computed<BoardQuery>(() =>
    orderId.value
      ? { orderId: orderId.value }
      : {
          state: state.value === 'all' ? undefined : state.value,
          number: readOrderNumber(found.value),
          customerId: found.value || undefined,
          from: startOfDay(from.value),
          to: startOfDay(to.value, 1),
          limit: pageSize,
          continuation: after.value || undefined,
        },
  )

  return {
    state,
    /** A customer or an order number, as it is typed. */
    typed,
    from,
    to,
    after,
    query,
    /** Where a whole id that is typed leads. */
    typedOrder: () => (isOrderId(typed.value.trim()) ? `/order/${typed.value.trim()}` : undefined),
    clear() {
      typed.value = ''
      return set({ find: '', from: '', to: '', after: '' })
    },
    linkTo: (state: BoardState) => ({
      query: having({ state: state === 'pending' ? '' : state, after: '' }),
    }),
    linkToPage: (continuation: string) => ({ query: having({ after: continuation }) }),
  }
}

/** The page of orders a query asks for, live. `fresh` holds those that came in while the same page was looked at. */
export function useOrderPage(query: () => BoardQuery) {
  const key = () => ['orders', 'page', JSON.stringify(query())]
  const { data, error, isLoading, isPlaceholderData, refetch, refresh } = useQuery({
    key,
    query: ({ signal }) => readPage(query(), signal),
    placeholderData: (previous) => previous,
  })
  const live = useLive(() => refresh(), 4_000)

  const fresh = ref<ReadonlySet<string>>(new Set())
  let known: { key: string; ids: Set<string> } | undefined
  watch([data, isPlaceholderData], ([page, isOld]) => {
    if (!page || isOld) return
    const ids = page.orders.map(({ orderId }) => orderId)
    const seen = known?.key === key().join() ? known.ids : undefined
    fresh.value = new Set(seen ? ids.filter((id) => !seen.has(id)) : [])
    known = { key: key().join(), ids: new Set([...(seen ?? []), ...ids]) }
  })

  return { page: data, error, isLoading, isOld: isPlaceholderData, refetch, fresh, ...live }
}

/**
 * An order that is asked for by its id is a page of its own, which is empty when there is none. What reads as a number
 * may be the name of a customer too, and is that when no order has the number.
 */
async function readPage({ orderId, number, ...query }: BoardQuery, signal: AbortSignal): Promise<OrderPage> {
  if (number) {
    const numbered = await api.orders.list({ number }, { signal })
    if (numbered.orders.length) return numbered
  }
  if (!orderId) return api.orders.list(query, { signal })
  try {
    return { orders: [(await api.orders.get(orderId, { signal })).value], continuation: null }
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { orders: [], continuation: null }
    throw error
  }
}
