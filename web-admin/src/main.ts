import { PiniaColada } from '@pinia/colada'
import { restoreTheme } from '@store/web-ui'
import '@store/web-ui/styles/index.css'
import { reportTelemetry } from '@store/web-ui/telemetry/whenTaken.ts'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import './admin.css'
import { queryOptions } from './api.ts'
import { router } from './router.ts'

restoreTheme()
const app = createApp(App).use(createPinia()).use(PiniaColada, { queryOptions }).use(router)

// In a turn of its own: on a slow machine, one long task becomes two short ones.
setTimeout(() => app.mount('#app'))

reportTelemetry('web-admin', router)
