import { useTheme } from '@store/web-ui'
import { onBeforeUnmount, onMounted, ref, watch } from 'vue'

/**
 * Design tokens as colours that a canvas understands, and again whenever light turns to dark.
 * (A custom property's computed value still says `light-dark(…)`; the computed colour of an element does not.)
 */
export function useColours<Name extends string>(names: readonly Name[]) {
  const { theme } = useTheme()
  const colours = ref({} as Record<Name, string>)
  const dark = matchMedia('(prefers-color-scheme: dark)')

  function read() {
    const probe = document.body.appendChild(document.createElement('i'))
    const found = {} as Record<Name, string>
    for (const name of names) {
      probe.style.color = `var(--${name})`
      found[name] = getComputedStyle(probe).color
    }
    probe.remove()
    colours.value = found
  }

  read()
  watch(theme, read, { flush: 'post' })
  onMounted(() => dark.addEventListener('change', read))
  onBeforeUnmount(() => dark.removeEventListener('change', read))
  return colours
}
