import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

/** Has every page run `warmUp.ts` as soon as that small file is there, beside the app's code and without waiting for it. */
export function warmUp(): Plugin {
  return {
    name: 'warm-up',
    apply: 'build',
    buildStart() {
      const id = fileURLToPath(new URL('../warmUp.ts', import.meta.url))
      this.emitFile({ type: 'chunk', id })
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const file = Object.values(bundle).find((file) => file.type === 'chunk' && file.name === 'warmUp')
        if (!file) throw new Error('The build has no warmUp.ts.')
        const attrs = { type: 'module', async: true, crossorigin: true, src: `/${file.fileName}` }
        return [{ tag: 'script', attrs, injectTo: 'head-prepend' }]
      },
    },
  }
}
