import { computed, onMounted, ref } from 'vue'

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
  onMounted(() => requestAnimationFrame(() => setTimeout(() => (isWhole.value = true))))
  return computed(() => (isWhole.value ? items() : items().slice(0, inView)))
}
