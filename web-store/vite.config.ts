import { appConfig } from '@store/web-ui/vite/app.ts'
import { defineConfig, mergeConfig } from 'vite'
import { firstLoad } from './firstLoad.ts'
import { installable } from './pwa.ts'

export default defineConfig(mergeConfig(appConfig(), { plugins: [installable(), firstLoad()] }))
