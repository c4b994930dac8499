import { computed, onScopeDispose, ref } from 'vue'

export const viewNames = ['picture', 'traces', 'queues', 'data', 'functions', 'metrics', 'faults'] as const
export type ViewName = (typeof viewNames)[number]

const traceIn = (hash: string) => /^trace=([0-9a-f]{32})$/.exec(hash)?.[1]
const isView = (hash: string) => traceIn(hash) !== undefined || viewNames.some((name) => name === hash)

/** Which view the address names: `#queues`, or `#trace=ID` for one trace. */
export function useHash() {
  const hash = ref(location.hash.slice(1))
  const read = () => {
    const named = location.hash.slice(1)
    if (named === '' || isView(named)) {
      hash.value = named
      scrollTo(0, 0)
      // A place within the page, as the link to the content has it: the view stays, and so does its address.
    } else history.replaceState(history.state, '', `#${hash.value}`)
  }
  addEventListener('hashchange', read)
  onScopeDispose(() => removeEventListener('hashchange', read))
  const traceId = computed(() => traceIn(hash.value))
  const view = computed<ViewName>(() =>
    traceId.value ? 'traces' : (viewNames.find((name) => name === hash.value) ?? 'picture'),
  )
  return { view, traceId }
}
