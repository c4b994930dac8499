import { useQuery } from '@pinia/colada'
import { api } from '../api.ts'

/**
 * The catalogue, loaded once and shared by all pages. It is asked for again when a page that shows it opens and it is
 * older than half a minute, when the window gets the focus back, and when the network does.
 */
export function useCatalogue() {
  return useQuery({
    key: ['products'],
    query: ({ signal }) => api.products.list({ signal }),
    staleTime: 30_000,
  })
}
