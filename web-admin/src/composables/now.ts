import { onBeforeUnmount, onMounted, readonly, ref } from 'vue'

const now = ref(Date.now())
let readers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The time in milliseconds, moving on every ten seconds: one clock for all that says "3 minutes ago". */
export function useNow() {
  onMounted(() => {
    now.value = Date.now()
    if (readers++ === 0) timer = setInterval(() => (now.value = Date.now()), 10_000)
  })
  onBeforeUnmount(() => {
    if (--readers === 0) clearInterval(timer)
  })
  return readonly(now)
}
