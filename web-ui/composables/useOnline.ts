import { readonly, ref } from 'vue'

const online = ref(globalThis.navigator?.onLine ?? true)
globalThis.addEventListener?.('online', () => (online.value = true))
globalThis.addEventListener?.('offline', () => (online.value = false))

/** Whether the browser believes that it has a network. */
export const useOnline = () => readonly(online)
