import '@store/web-ui/styles/index.css'
import { PiniaColada } from '@pinia/colada'
import { restoreTheme } from '@store/web-ui/composables/useTheme.ts'
import { reportTelemetry } from '@store/web-ui/telemetry/whenTaken.ts'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router.ts'

restoreTheme()

const app = createApp(App).use(createPinia()).use(PiniaColada).use(router)
// In a turn of its own: on a slow phone, one long task becomes two short ones.
setTimeout(() => app.mount('#app'))

reportTelemetry('web-store', router)

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // It fetches the whole store: that must not compete with what the visitor is waiting for.
  const register = () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined)
  addEventListener('load', () => setTimeout(register, 3000))
}
