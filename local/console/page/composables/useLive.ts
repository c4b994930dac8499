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

/** By this the console tells the pages apart that watch. */
const page = crypto.randomUUID()
const watching = () => `page=${page}${document.visibilityState === 'visible' ? '&seen' : ''}`
/** Makes a fault, or undoes it, as this page. */
export const setFault = (name: string, on?: boolean) =>
  ask(`/api/faults/${name}?${watching()}`, 'POST', { on })

const key: InjectionKey<LiveState> = Symbol('live')

/** Asks each second how the system is, also while the page is hidden: by that the console knows that faults are watched. */
export function provideLive(): LiveState {
  const live = ref<Live>()
  const error = ref<string>()
  let open = 0
  let isLeft = false
  async function refresh() {
    if (isLeft) return
    open++
    try {
      live.value = await ask<Live>(`/api/live?${watching()}`)
      error.value = undefined
    } catch (failure) {
      error.value = (failure as Error).message
    } finally {
      open--
    }
  }
  const timer = setInterval(() => !open && refresh(), 1_000)
  onScopeDispose(() => clearInterval(timer))
  // The last word before the browser lets it speak but seldom.
  document.addEventListener('visibilitychange', () => void refresh())
  // Who leaves the last page that watches takes the faults with him. The browser may show it again.
  addEventListener('pagehide', () => {
    isLeft = true
    void fetch(`/api/pages/${page}`, { method: 'DELETE', keepalive: true })
  })
  addEventListener('pageshow', () => {
    isLeft = false
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
