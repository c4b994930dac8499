import { useQuery, useQueryCache } from '@pinia/colada'
import { api } from '../api.ts'

const catalogue = {
  key: ['products'],
  query: ({ signal }: { signal: AbortSignal }) => api.products.list({ signal }),
  staleTime: 30_000,
}

/**
 * The catalogue, loaded once and shared by all pages. It is asked for again when a page that shows it opens and it is
 * older than half a minute, when the window gets the focus back, and when the network does.
 */
export function useCatalogue() {
  return useQuery(catalogue)
}

/**
 * A navigation guard: begins to load the catalogue while the page's own code is still on its way, so that the page
 * often draws its goods at once and no ghosts of them before. What fails here is the page's to show.
 */
export function beginCatalogue(): void {
  const cache = useQueryCache()
  cache.refresh(cache.ensure(catalogue)).catch(() => undefined)
}
