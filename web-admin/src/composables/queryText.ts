import { computed, onBeforeUnmount, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * A parameter of the page's address as text; "" when it is not there. Writing it replaces the address, so that back
 * leaves the page instead of walking through what was typed. `settled` follows once the typing rests.
 */
export function useQueryText(name: string, restMs = 250) {
  const route = useRoute()
  const router = useRouter()
  const fromAddress = () => String(route.query[name] ?? '')
  const text = ref(fromAddress())
  const settled = ref(text.value)
  const { path } = route
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(fromAddress, (value) => {
    if (route.path !== path || value === settled.value) return
    text.value = settled.value = value
  })
  onBeforeUnmount(() => clearTimeout(timer))

  function settle() {
    settled.value = text.value
    const { [name]: _, ...others } = route.query
    void router.replace({ query: text.value ? { ...others, [name]: text.value } : others, hash: route.hash })
  }

  return {
    now: computed({
      get: () => text.value,
      set: (value: string) => {
        text.value = value
        clearTimeout(timer)
        timer = setTimeout(settle, restMs)
      },
    }),
    settled,
  }
}
