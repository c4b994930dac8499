import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { type LocationQuery, useRoute, useRouter } from 'vue-router'

/** What a page keeps in its address. Once the page is being left, it stays as it was. */
export function usePageQuery() {
  const route = useRoute()
  const router = useRouter()
  const { path } = route
  const query = shallowRef<LocationQuery>(route.query)
  watch(
    () => route.query,
    (next) => {
      if (route.path === path) query.value = next
    },
  )

  const get = (name: string) => String(query.value[name] ?? '')

  /** The query with some parameters set, or taken out by "". */
  function having(changes: Record<string, string>): LocationQuery {
    const next = { ...query.value }
    for (const [name, value] of Object.entries(changes)) {
      if (value) next[name] = value
      else delete next[name]
    }
    return next
  }

  /** Changes the address in place, so that "back" leaves the page instead of walking through every choice. */
  function set(changes: Record<string, string>) {
    query.value = having(changes)
    return router.replace({ query: query.value })
  }

  return { get, having, set }
}

/**
 * A parameter of the page's address as text for a field; `settled` follows once the typing rests. Other text is another
 * question: parameters named in `resets` are then taken out.
 */
export function useQueryText(name: string, resets: readonly string[] = [], restMs = 250) {
  const { get, set } = usePageQuery()
  const text = ref(get(name))
  const settled = ref(text.value)
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    () => get(name),
    (value) => {
      if (value !== settled.value) text.value = settled.value = value
    },
  )
  onScopeDispose(() => clearTimeout(timer))

  return {
    typed: computed({
      get: () => text.value,
      set: (value: string) => {
        text.value = value
        clearTimeout(timer)
        timer = setTimeout(() => {
          settled.value = value
          void set({ ...Object.fromEntries(resets.map((other) => [other, ''])), [name]: value })
        }, restMs)
      },
    }),
    settled,
  }
}
