import type { Plugin, Rollup } from 'vite'

/** What one page asks for as soon as the app runs. */
interface Page {
  /** The view's file name, without `.vue`. */
  view: string
  /** Addresses of its first data, as the page itself fetches them. */
  data?: readonly string[]
}

/**
 * Has the server name with each page what that page will ask for: its own code and its first data then come beside the
 * app's code and not after it, which saves a slow network two round trips: of 3.1 s to the
 * catalogue's first picture on a slow phone, 0.3 (docs/benchmarks.md). Static Web Apps sends the names as a `Link`
 * header, by a rule in the built `staticwebapp.config.json`.
 * @param pages by address, as the configuration's `route` has it
 */
export function earlyFiles(pages: Readonly<Record<string, Page>>): Plugin {
  return {
    name: 'early-files',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const file = bundle['staticwebapp.config.json']
        if (file?.type !== 'asset') throw new Error('The build has no staticwebapp.config.json.')
        const config = JSON.parse(String(file.source))
        const { allowedRoles } = config.routes.find(({ route }: { route: string }) => route === '/*')
        const rules = Object.entries(pages).map(([route, { view, data = [] }]) => ({
          route,
          rewrite: '/index.html',
          headers: {
            link: [
              ...codeOf(view, bundle).map((name) => `</${name}>; rel=modulepreload`),
              ...data.map((address) => `<${address}>; rel=preload; as=fetch; crossorigin`),
            ].join(', '),
          },
          allowedRoles,
        }))
        config.routes.unshift(...rules)
        file.source = JSON.stringify(config)
      },
    },
  }
}

/** The files of a page's code that the app's own do not bring along. */
function codeOf(view: string, bundle: Rollup.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
  const entry = chunks.find(({ isEntry, facadeModuleId }) => isEntry && facadeModuleId?.endsWith('.html'))
  const page = chunks.find(({ isDynamicEntry, name }) => isDynamicEntry && name === view)
  if (!entry || !page) throw new Error(`The build has no chunk of its own for ${view}.`)
  const app = withImports(entry.fileName, bundle)
  return [...withImports(page.fileName, bundle)].filter((name) => !app.has(name))
}

/** A file of a build, and all that it needs before it can run. */
function withImports(file: string, bundle: Rollup.OutputBundle): Set<string> {
  const found = new Set([file])
  for (const name of found) {
    const chunk = bundle[name]
    if (chunk?.type === 'chunk') for (const needed of chunk.imports) found.add(needed)
  }
  return found
}
