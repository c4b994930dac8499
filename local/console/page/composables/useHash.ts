import { computed, onScopeDispose, ref } from 'vue'

export const viewNames = ['picture', 'traces', 'queues', 'data', 'functions', 'faults'] as const
export type ViewName = (typeof viewNames)[number]

/** Which view the address names: `#queues`, or `#trace=ID` for one trace. */
export function useHash() {
  const hash = ref(location.hash.slice(1))
  const read = () => {
    hash.value = location.hash.slice(1)
    scrollTo(0, 0)
  }
  addEventListener('hashchange', read)
  onScopeDispose(() => removeEventListener('hashchange', read))
  const traceId = computed(() => /^trace=([0-9a-f]{32})$/.exec(hash.value)?.[1])
  const view = computed<ViewName>(() =>
    traceId.value ? 'traces' : (viewNames.find((name) => name === hash.value) ?? 'picture'),
  )
  return { view, traceId }
}
