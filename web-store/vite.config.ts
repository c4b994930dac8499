import { appConfig } from '@store/web-ui/vite/app.ts'
import { earlyFiles } from '@store/web-ui/vite/earlyFiles.ts'
import { defineConfig, mergeConfig } from 'vite'
import { firstLoad } from './firstLoad.ts'
import { installable } from './pwa.ts'

const catalogue = ['/api/products']
const pages = {
  '/': { view: 'CatalogueView', data: catalogue },
  '/product/*': { view: 'ProductView', data: catalogue },
  '/cart': { view: 'CartView', data: catalogue },
  '/order/*': { view: 'OrderView' },
  '/orders': { view: 'OrdersView' },
}

export default defineConfig(
  mergeConfig(appConfig(), { plugins: [installable(), firstLoad(), earlyFiles(pages)] }),
)
