import { computed, onMounted, ref, watch } from 'vue'

const [visit] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
/** The store is being opened; reloaded or gone back to, it is to be found where it was left. */
let opening = visit?.type === 'navigate'

/**
 * As the store opens, only the items that are in view: the rest follows once they are drawn, and a slow phone shows
 * something sooner. Later pages have all of them at once, for one that was scrolled to be scrolled again.
 */
export function useViewFirst<T>(items: () => readonly T[], inView: number) {
  const isWhole = ref(!opening)
  opening = false
  const drawRest = () => requestAnimationFrame(() => setTimeout(() => (isWhole.value = true)))
  // The items may come after the page.
  onMounted(() =>
    watch(
      () => items().length > 0,
      (isThere) => isThere && drawRest(),
      { immediate: true, flush: 'post' },
    ),
  )
  return computed(() => (isWhole.value ? items() : items().slice(0, inView)))
}
