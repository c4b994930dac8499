import { appConfig } from '@store/web-ui/vite/app.ts'
import { defineConfig, mergeConfig } from 'vite'

// `npm run dev` beside a running `npm start`: sign-in and API come through the admin's own front door.
const door = 'http://localhost:4281'

export default defineConfig(
  mergeConfig(appConfig(), {
    server: { proxy: { '/api': door, '/.auth': door } },
    // One style sheet of some 8 KB: cheaper than a round trip for each page's own.
    build: { cssCodeSplit: false },
  }),
)
