import { createPinia, setActivePinia } from 'pinia'
import { vi } from 'vitest'

/** What the composables ask of a browser, for their tests: local storage, events, and a page that can be hidden. */
export function fakeBrowser(stored: Record<string, unknown> = {}) {
  const storage = new Map(Object.entries(stored).map(([key, value]) => [key, JSON.stringify(value)]))
  const page = Object.assign(new EventTarget(), { hidden: false })
  const window = new EventTarget()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => void storage.set(key, value),
  })
  vi.stubGlobal('document', page)
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
  openPage()

  /** A page opened anew: nothing is left but what is stored. */
  function openPage() {
    setActivePinia(createPinia())
  }

  function setHidden(hidden: boolean) {
    page.hidden = hidden
    page.dispatchEvent(new Event('visibilitychange'))
  }

  /** Another tab stored something. */
  function storeElsewhere(key: string, value: unknown) {
    storage.set(key, JSON.stringify(value))
    window.dispatchEvent(Object.assign(new Event('storage'), { key }))
  }

  return {
    openPage,
    setHidden,
    storeElsewhere,
    stored: (key: string) => JSON.parse(storage.get(key) ?? 'null'),
  }
}
