import { readonly, ref } from 'vue'

export type Theme = 'system' | 'light' | 'dark'

const themes: readonly Theme[] = ['system', 'light', 'dark']
const key = 'theme'

const theme = ref<Theme>('system')

/** Takes up the theme this device chose before. Call once, before the app is mounted. */
export function restoreTheme() {
  const saved = storage()?.getItem(key)
  apply(themes.find((name) => name === saved) ?? 'system')
}

/** The colour scheme the visitor chose: `system` follows the operating system. */
export function useTheme() {
  return {
    theme: readonly(theme),
    /** Goes on to the next one: system → light → dark. */
    cycle: () => choose(themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system'),
    choose,
  }
}

function choose(next: Theme) {
  apply(next)
  if (next === 'system') storage()?.removeItem(key)
  else storage()?.setItem(key, next)
}

function apply(next: Theme) {
  theme.value = next
  if (next === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = next
}

/** Local storage, or undefined where the browser refuses it. */
function storage(): Storage | undefined {
  try {
    return globalThis.localStorage
  } catch {
    return undefined
  }
}
