import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import type { Plugin, UserConfig } from 'vite'
import { colourOf } from './colours.ts'

/**
 * The Vite configuration both web apps share. Build settings come from the environment:
 * `VITE_STORE_NAME` (default Contoso) and `VITE_STORE_CURRENCY` (ISO 4217,
 * default that of the API, `STORE_CURRENCY`, or USD);
 * `index.html` writes the first as `%VITE_STORE_NAME%`, and the colour of the browser's own frame, which is the header's,
 * as `%VITE_THEME_COLOR%`.
 */
export function appConfig(): UserConfig {
  process.env.VITE_STORE_NAME ||= 'Contoso'
  process.env.VITE_STORE_CURRENCY ||= process.env.STORE_CURRENCY || 'USD'
  process.env.VITE_THEME_COLOR = colourOf('hull')
  return {
    // The artwork: both apps serve the same pictures at the same paths.
    publicDir: fileURLToPath(new URL('../public', import.meta.url)),
    plugins: [
      // An element that Vue does not know yet would be looked for among the components.
      vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'search' } } }),
      staticWebAppConfig(),
    ],
    // Every page is written with the composition API: the other one need not be shipped.
    define: { __VUE_OPTIONS_API__: 'false' },
    build: {
      // Browsers that know light-dark() and nested style rules.
      target: ['chrome123', 'firefox121', 'safari17.5'],
      // Fonts and pictures stay files: they are cached apart from the code and need no data: URL.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: { proxy: { '/api': 'http://localhost:7071', '/.auth': 'http://localhost:4280' } },
  }
}

/** Puts the app's `staticwebapp.config.json` beside the pages it is about. */
function staticWebAppConfig(): Plugin {
  const fileName = 'staticwebapp.config.json'
  return {
    name: 'static-web-app-config',
    apply: 'build',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName, source: readFileSync(fileName, 'utf8') })
    },
  }
}
