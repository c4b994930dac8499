import { onBeforeUnmount, onMounted, readonly, ref } from 'vue'

/**
 * Keeps what a page shows up to date: calls `refresh` every `everyMs` milliseconds, but never twice at once, and not
 * while nobody looks, the network is down or the reader has paused it. `refresh` deals with its own failures.
 */
export function useLive(refresh: () => Promise<unknown>, everyMs: number) {
  const paused = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false

  async function turn() {
    clearTimeout(timer)
    running = true
    if (!paused.value && document.visibilityState === 'visible' && navigator.onLine) {
      await refresh().catch(() => {})
    }
    if (running) timer = setTimeout(turn, everyMs)
  }

  onMounted(() => {
    running = true
    timer = setTimeout(turn, everyMs)
  })
  onBeforeUnmount(() => {
    running = false
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
