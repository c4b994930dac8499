/**
 * Bundles the function app into `dist/functions.cjs`, the `main` of package.json: one CommonJS file, because reading
 * one file is what makes a cold start short. An SDK is a file of its own beside it, read when it is first called: an
 * instance that never draws a picture never reads what draws it. `node functions/build.ts`, or `build()` from a script.
 */
import { fileURLToPath } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'
import * as esbuild from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Packages with a file of their own; the app's code imports them with `import()` alone. */
const apart = ['@azure/cosmos', '@azure/identity', '@azure/service-bus', '@azure/storage-blob', 'openai']

/** Modules of the app's own with a file of their own, likewise. */
export const ownApart = ['sdk', 'otlpJson', 'otlpProtobuf', 'azureMonitor', 'metricExport'] as const

const fileOf = (name: string) => name.replace('@', '').replace('/', '-')

const loadApart: Plugin = {
  name: 'load-apart',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^(${apart.join('|')})$`) }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${fileOf(path)}.cjs`, external: true } : undefined,
    )
    onResolve({ filter: new RegExp(`^\\./(${ownApart.join('|')})\\.ts$`) }, ({ kind, path }) =>
      kind === 'dynamic-import'
        ? { path: `./telemetry-${path.slice(2, -3)}.cjs`, external: true }
        : undefined,
    )
  },
}

/** The options of the one build there is; a watcher starts from them. */
export const buildOptions = {
  absWorkingDir: root,
  entryPoints: {
    functions: 'functions/index.ts',
    ...Object.fromEntries(apart.map((name) => [fileOf(name), name])),
    ...Object.fromEntries(
      ownApart.map((name) => [`telemetry-${name}`, `functions/platform/telemetry/${name}.ts`]),
    ),
  },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  // `require` finds a file beside the bundle sooner than the loader of ES modules does.
  supported: { 'dynamic-import': false },
  // Names stay, for stacks and for SDKs that ask a class for its own. To shorten them and put them back (`keepNames`) is a
  // call for each function that is made, also for those that are made with each request.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: true,
  sourcesContent: false,
  // The host supplies it to the process; it is on no registry.
  external: ['@azure/functions-core'],
  plugins: [loadApart],
  logLevel: 'warning',
} satisfies BuildOptions

/** Builds the bundle once; rejects when the code does not compile. */
export async function build(): Promise<void> {
  await esbuild.build(buildOptions)
}

if (import.meta.main) await build()
