/** The board of orders: which ones are asked for (all of it in the address), and what has come in since. */
import { useQuery } from '@pinia/colada'
import type { OrderQuery } from '@store/contract/admin-client'
import { type OrderState, orderStates } from '@store/contract/status'
import { computed, ref, watch } from 'vue'
import { api } from '../api.ts'
import { startOfDay } from '../days.ts'
import { useLive } from './live.ts'
import { usePageQuery } from './pageQuery.ts'

export type BoardState = OrderState | 'all'

const pageSize = 25

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

  const query = computed<OrderQuery>(() => ({
    state: state.value === 'all' ? undefined : state.value,
    from: startOfDay(from.value),
    to: startOfDay(to.value, 1),
    limit: pageSize,
    continuation: after.value || undefined,
  }))

  return {
    state,
    from,
    to,
    after,
    query,
    clearDays: () => set({ from: '', to: '', after: '' }),
    linkTo: (state: BoardState) => ({
      query: having({ state: state === 'pending' ? '' : state, after: '' }),
    }),
    linkToPage: (continuation: string) => ({ query: having({ after: continuation }) }),
  }
}

/** The page of orders a query asks for, live. `fresh` holds those that came in while the same page was looked at. */
export function useOrderPage(query: () => OrderQuery) {
  const key = () => ['orders', 'page', JSON.stringify(query())]
  const { data, error, isLoading, isPlaceholderData, refetch, refresh } = useQuery({
    key,
    query: ({ signal }) => api.orders.list(query(), { signal }),
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
