import { fileURLToPath } from 'node:url'
import { appConfig } from '@store/web-ui/vite/app.ts'
import { earlyFiles } from '@store/web-ui/vite/earlyFiles.ts'
import { defineConfig, mergeConfig, type Rolldown, type UserConfig } from 'vite'
import { installable } from './pwa.ts'

const catalogue = ['/api/products']
const pages = {
  '/': { view: 'CatalogueView', data: catalogue },
  '/product/*': { view: 'ProductView', data: catalogue },
  '/cart': { view: 'CartView', data: catalogue },
  '/order/*': { view: 'OrderView' },
  '/orders': { view: 'OrdersView' },
}

const config: UserConfig = {
  plugins: [installable(), earlyFiles(pages)],
  resolve: {
    // Without what pinia tells a developer: 1.0 of the 48 KB of JavaScript that a page may have (tests/browser/firstLoad.test.ts).
    alias: { pinia: fileURLToPath(new URL('dist/pinia.esm-browser.prod.js', packageOf('pinia'))) },
  },
  build: {
    cssCodeSplit: false,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: sharedCode }] } },
    },
  },
}

export default defineConfig(mergeConfig(appConfig(), config))

/** Puts what several pages share, or the app needs to begin, into one file: a page is that and a file of its own. */
function sharedCode(id: string, modules: Rolldown.ChunkingContext): string | null {
  const users = new Set([id])
  let pages = 0
  for (const user of users) {
    const info = modules.getModuleInfo(user)
    if (info?.isEntry) return user.endsWith('.html') ? 'app' : null
    if (info?.dynamicImporters.length) pages++
    for (const importer of info?.importers ?? []) users.add(importer)
  }
  return pages > 1 ? 'app' : null
}

function packageOf(name: string): string {
  return import.meta.resolve(`${name}/package.json`)
}
