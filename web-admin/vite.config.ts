import { appConfig } from '@store/web-ui/vite/app.ts'
import { earlyFiles } from '@store/web-ui/vite/earlyFiles.ts'
import { defineConfig, mergeConfig } from 'vite'

// `npm run dev` beside a running `npm start`: sign-in and API come through the admin's own front door.
const door = 'http://localhost:4281'

const session = ['/.auth/me']
const pages = {
  '/': { view: 'OrdersView', data: session },
  '/orders': { view: 'OrdersView', data: session },
  '/products': { view: 'ProductsView', data: session },
  '/dashboard': { view: 'DashboardView', data: session },
}

export default defineConfig(
  mergeConfig(appConfig(), {
    plugins: [earlyFiles(pages)],
    server: { proxy: { '/api': door, '/.auth': door } },
    // One style sheet of some 8 KB: cheaper than a round trip for each page's own.
    build: { cssCodeSplit: false },
  }),
)
