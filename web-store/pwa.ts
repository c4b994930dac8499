import { colourOf } from '@store/web-ui/vite/colours.ts'
import type { Plugin } from 'vite'

/**
 * Makes the store installable and readable offline: writes the manifest and builds `src/serviceWorker.ts` into
 * `/sw.js`, with the list of the build's files (and a version made of their names) put into it.
 * (`vite-plugin-pwa` would do both with Workbox: 236 packages, for a list of files and a manifest.)
 */
export function installable(): Plugin {
  return {
    name: 'installable',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'chunk', id: 'src/serviceWorker.ts', fileName: 'sw.js' })
    },
    generateBundle: {
      // The style sheet is put into the bundle at the very end.
      order: 'post',
      handler(_options, bundle) {
        const files = Object.keys(bundle).filter((file) => /^assets\/.*\.(js|css|woff2)$/.test(file))
        for (const kind of ['.js', '.css', '.woff2'])
          if (!files.some((file) => file.endsWith(kind))) throw new Error(`The build has no ${kind} file.`)
        const worker = bundle['sw.js']
        if (worker?.type !== 'chunk' || !worker.code.includes('__BUILD_FILES__'))
          throw new Error('The service worker was not built.')
        worker.code = worker.code.replace('__BUILD_FILES__', JSON.stringify(files.map((file) => `/${file}`)))
        // An order's address is its customer's alone.
        this.emitFile({ type: 'asset', fileName: 'robots.txt', source: 'User-agent: *\nDisallow: /order/\n' })
        this.emitFile({
          type: 'asset',
          fileName: 'manifest.webmanifest',
          source: JSON.stringify({
            name: `${process.env.VITE_STORE_NAME} Pet Store`,
            short_name: process.env.VITE_STORE_NAME,
            description: 'Toys, beds and life jackets for cats and dogs with sea legs.',
            id: '/',
            start_url: '/',
            display: 'standalone',
            background_color: colourOf('page'),
            theme_color: colourOf('hull'),
            icons: [
              { src: '/images/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
              { src: '/images/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'maskable' },
              { src: '/images/icon-192.png', sizes: '192x192', type: 'image/png' },
            ],
          }),
        })
      },
    },
  }
}
