import { onScopeDispose, reactive, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { type CatalogueFilter, filterFromQuery, queryFromFilter } from '../catalogueFilter.ts'

/** The filter of the catalogue page, kept in the address: it can be shared, and back and forward work. */
export function useCatalogueFilter(): CatalogueFilter {
  const route = useRoute()
  const router = useRouter()
  const filter = reactive(filterFromQuery(route.query))
  let timer: ReturnType<typeof setTimeout> | undefined
  /** The address this page is about to write itself: news to nobody, and maybe older than what is being typed. */
  let written: string | undefined

  // Typing settles before the address changes: browsers refuse too many changes a second.
  watch(filter, () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (route.name !== 'catalogue' || keyOf(filterFromQuery(route.query)) === keyOf(filter)) return
      written = keyOf(filter)
      void router.replace({ query: queryFromFilter(filter) })
    }, 200)
  })

  // Back, forward, or a link to the catalogue.
  watch(
    () => route.query,
    (query) => {
      const asked = filterFromQuery(query)
      const own = keyOf(asked) === written
      written = undefined
      if (!own && route.name === 'catalogue') Object.assign(filter, asked)
    },
  )

  onScopeDispose(() => clearTimeout(timer))
  return filter
}

const keyOf = (filter: CatalogueFilter) => JSON.stringify(queryFromFilter(filter))
