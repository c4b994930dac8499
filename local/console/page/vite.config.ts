import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  // The artwork of the web apps: icons and pictures of states.
  publicDir: fileURLToPath(new URL('../../../web-ui/public', import.meta.url)),
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: 'false' },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // Files need no `data:` in the policy of the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
