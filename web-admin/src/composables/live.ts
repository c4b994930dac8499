import { onScopeDispose, readonly, ref } from 'vue'

/**
 * Keeps what a page shows up to date: calls `refresh` every `everyMs` milliseconds, but never twice at once, and not
 * while nobody looks, the network is down or the reader has paused it. `refresh` deals with its own failures.
 */
export function useLive(refresh: () => Promise<unknown>, everyMs: number) {
  const paused = ref(false)
  let timer = setTimeout(turn, everyMs)
  let turning = false
  let ended = false

  async function turn() {
    // A turn that is under way is as good, and sees to the next one.
    if (turning) return
    clearTimeout(timer)
    turning = true
    if (!paused.value && document.visibilityState === 'visible' && navigator.onLine) {
      await refresh().catch(() => {})
    }
    turning = false
    if (!ended) timer = setTimeout(turn, everyMs)
  }

  onScopeDispose(() => {
    ended = true
    clearTimeout(timer)
  })

  return {
    paused: readonly(paused),
    toggle: () => {
      paused.value = !paused.value
      if (!paused.value) void turn()
    },
  }
}
