import { restoreTheme } from '@store/web-ui'
import '@store/web-ui/styles/index.css'
import './console.css'
import { createApp } from 'vue'
import App from './App.vue'

restoreTheme()
createApp(App).mount('#app')
