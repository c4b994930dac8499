import { fileURLToPath } from 'node:url'
import { reachable } from '@store/web-ui/vite/reachable.ts'
import type { Plugin, UserConfig } from 'vite'

/** The store's first load has a budget: 45 KB of JavaScript, gzipped, on every page. This is what keeps it. */
export function firstLoad(): Plugin {
  const shared = new Set<string>()

  const config: UserConfig = {
    resolve: {
      alias: {
        // Its general build drags the devtools' file saver along; this one is the same library without.
        pinia: fileURLToPath(new URL('dist/pinia.esm-browser.prod.js', packageOf('pinia'))),
      },
    },
    build: {
      // Both: Oxc finds more to leave out in what Terser has shortened. It is 1 KB less than either makes alone.
      minify: 'terser',
      terserOptions: {
        module: true,
        ecma: 2020,
        compress: { passes: 3, inline: 1, pure_getters: true, keep_fargs: false },
      },
      // One style sheet of some 7 KB, and no code to fetch those of lazy pages.
      cssCodeSplit: false,
      modulePreload: { polyfill: false, resolveDependencies: () => [] },
      rolldownOptions: {
        output: {
          minify: true,
          codeSplitting: { groups: [{ name: (id) => (shared.has(id) ? 'app' : null) }] },
        },
      },
    },
  }

  return {
    name: 'first-load',
    apply: 'build',
    enforce: 'pre',
    config: () => config,
    // Vite wraps every import of a page in code that fetches its style sheets. There is but one, and it is there.
    load: {
      filter: { id: /vite\/preload-helper/ },
      handler: () => 'export const __vitePreload = (load) => load()',
    },
    // A page is two files: one that all pages share, and its own. Left alone, each shared piece is a file.
    buildEnd() {
      const entry = [...this.getModuleIds()].find(
        (id) => this.getModuleInfo(id)?.isEntry && id.endsWith('.html'),
      )
      if (!entry) return
      const importsOf = (id: string) => this.getModuleInfo(id)?.importedIds ?? []
      const app = reachable(entry, importsOf)
      const lazy = [...app].flatMap((id) => this.getModuleInfo(id)?.dynamicallyImportedIds ?? [])
      const pages = lazy.map((page) => reachable(page, importsOf))
      for (const id of pages.flatMap((page) => [...page]))
        if (pages.filter((page) => page.has(id)).length > 1) app.add(id)
      for (const id of app) shared.add(id)
    },
  }
}

const packageOf = (name: string) => import.meta.resolve(`${name}/package.json`)
