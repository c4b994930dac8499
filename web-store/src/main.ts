import '@store/web-ui/styles/index.css'
import { PiniaColada } from '@pinia/colada'
import { restoreTheme } from '@store/web-ui/composables/useTheme.ts'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router.ts'

restoreTheme()

// A page opened before a release asks for files that are gone: the new page has them.
addEventListener('vite:preloadError', () => location.reload())

createApp(App).use(createPinia()).use(PiniaColada).use(router).mount('#app')

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined))
}
