import { onScopeDispose, ref, watch } from 'vue'
import { ask } from '../ask.ts'

/**
 * What the console answers, asked anew each so many milliseconds while the page is seen, and when the path changes. What
 * was answered last stays while the console does not answer.
 */
export function useAsked<T>(path: () => string, every: number) {
  const answer = ref<T>()
  const error = ref<string>()
  let turn = 0
  let open = 0

  async function refresh() {
    const mine = ++turn
    open++
    try {
      const told = await ask<T>(path())
      if (mine !== turn) return
      answer.value = told
      error.value = undefined
    } catch (failure) {
      if (mine === turn) error.value = (failure as Error).message
    } finally {
      open--
    }
  }

  watch(path, () => {
    answer.value = undefined
    void refresh()
  })
  // A slow answer is waited for: the next question would have it thrown away.
  const timer = setInterval(() => document.visibilityState === 'visible' && !open && refresh(), every)
  onScopeDispose(() => clearInterval(timer))
  void refresh()
  return { answer, error, refresh }
}
