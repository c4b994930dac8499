import { type InjectionKey, inject, onScopeDispose, provide, type Ref, ref } from 'vue'
import type { Live } from '../../api.ts'
import { ask } from '../ask.ts'

interface LiveState {
  /** Undefined until the console has answered once. */
  live: Ref<Live | undefined>
  /** Why it does not answer now. */
  error: Ref<string | undefined>
  refresh(): Promise<void>
}

const key: InjectionKey<LiveState> = Symbol('live')

/** Asks each second how the system is, also while the page is hidden: by that the console knows that faults are watched. */
export function provideLive(): LiveState {
  const live = ref<Live>()
  const error = ref<string>()
  let open = 0
  async function refresh() {
    open++
    try {
      live.value = await ask<Live>('/api/live')
      error.value = undefined
    } catch (failure) {
      error.value = (failure as Error).message
    } finally {
      open--
    }
  }
  const timer = setInterval(() => !open && refresh(), 1_000)
  onScopeDispose(() => clearInterval(timer))
  // Who leaves the page takes its faults with him.
  addEventListener('pagehide', () => {
    if (live.value?.faults.length) void fetch('/api/faults', { method: 'DELETE', keepalive: true })
  })
  void refresh()
  const state = { live, error, refresh }
  provide(key, state)
  return state
}

export function useLive(): LiveState {
  const state = inject(key)
  if (!state) throw new Error('Nobody provides the live state.')
  return state
}
