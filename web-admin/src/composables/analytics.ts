/** The figures of the dashboard, for the range in the address. */
import { useQuery } from '@pinia/colada'
import { computed } from 'vue'
import { type Preset, rangeOf, readChoice } from '../analyticsRange.ts'
import { api } from '../api.ts'
import { useLive } from './live.ts'
import { usePageQuery } from './pageQuery.ts'

export function useAnalytics() {
  const { get, having, set } = usePageQuery()
  const choice = computed(() => readChoice(get('range'), get('from'), get('to')))
  const query = useQuery({
    key: () => ['analytics', JSON.stringify(choice.value)],
    query: ({ signal }) => api.analytics.summary(rangeOf(choice.value, Date.now()), { signal }),
    placeholderData: (previous) => previous,
  })
  const live = useLive(() => query.refresh(), 20_000)

  return {
    summary: query.data,
    error: query.error,
    isLoading: query.isLoading,
    isOld: query.isPlaceholderData,
    refetch: query.refetch,
    choice,
    linkTo: (preset: Preset) => ({
      query: having({ range: preset === '24h' ? '' : preset, from: '', to: '' }),
    }),
    showDays: (from: string, to: string) => set({ range: '', from, to }),
    ...live,
  }
}
