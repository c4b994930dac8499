import { appConfig } from '@store/web-ui/vite/app.ts'
import { defineConfig, mergeConfig } from 'vite'

// `npm run dev` beside a running `npm start`: sign-in and API come through the admin's own front door.
const door = 'http://localhost:4281'

export default defineConfig(mergeConfig(appConfig(), { server: { proxy: { '/api': door, '/.auth': door } } }))
