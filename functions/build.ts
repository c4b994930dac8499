/**
 * Bundles the function app into `dist/functions.cjs`, the `main` of package.json: one CommonJS file, because reading
 * one file is what makes a cold start short. `node functions/build.ts`, or `build()` from a script.
 */
import { fileURLToPath } from 'node:url'
import type { BuildOptions } from 'esbuild'
import * as esbuild from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The options of the one build there is; a watcher starts from them. */
export const buildOptions = {
  absWorkingDir: root,
  entryPoints: ['functions/index.ts'],
  outfile: 'dist/functions.cjs',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  minify: true,
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  // The host supplies it to the process; it is on no registry.
  external: ['@azure/functions-core'],
  logLevel: 'warning',
} satisfies BuildOptions

/** Builds the bundle once; rejects when the code does not compile. */
export async function build(): Promise<void> {
  await esbuild.build(buildOptions)
}

if (import.meta.main) await build()
