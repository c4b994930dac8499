import '@store/web-ui/styles/index.css'
import { PiniaColada } from '@pinia/colada'
import { restoreTheme } from '@store/web-ui/composables/useTheme.ts'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router.ts'

restoreTheme()

createApp(App).use(createPinia()).use(PiniaColada).use(router).mount('#app')

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined))
}
