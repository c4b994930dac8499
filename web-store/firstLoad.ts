import { fileURLToPath } from 'node:url'
import type { Plugin, UserConfig } from 'vite'

/** The store's first load has a budget (45 KB of JavaScript, gzipped). This is what keeps it. */
export function firstLoad(): Plugin {
  const eager = new Set<string>()

  const config: UserConfig = {
    resolve: {
      alias: {
        // Its general build drags the devtools' file saver along; this one is the same library without.
        pinia: fileURLToPath(new URL('dist/pinia.esm-browser.prod.js', packageOf('pinia'))),
      },
    },
    build: {
      minify: 'terser',
      terserOptions: {
        module: true,
        ecma: 2020,
        compress: { passes: 2, pure_getters: true, unsafe_methods: true, keep_fargs: false },
      },
      // One style sheet of some 7 KB, and no code to fetch those of lazy pages.
      cssCodeSplit: false,
      modulePreload: { polyfill: false, resolveDependencies: () => [] },
      rolldownOptions: {
        output: { codeSplitting: { groups: [{ name: (id) => (eager.has(id) ? 'app' : null) }] } },
      },
    },
  }

  return {
    name: 'first-load',
    apply: 'build',
    config: () => config,
    // What the first page needs is one file: left alone, it is split where a lazy page shares a piece of it.
    buildEnd() {
      const entry = [...this.getModuleIds()].find(
        (id) => this.getModuleInfo(id)?.isEntry && id.endsWith('.html'),
      )
      const waiting = entry ? [entry] : []
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        if (eager.has(id)) continue
        eager.add(id)
        waiting.push(...(this.getModuleInfo(id)?.importedIds ?? []))
      }
    },
  }
}

const packageOf = (name: string) => import.meta.resolve(`${name}/package.json`)
