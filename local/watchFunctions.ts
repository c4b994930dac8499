/** Bundles the function app whenever one of its files changes. */
import { createHash } from 'node:crypto'
import { watch } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import * as esbuild from 'esbuild'
import { buildOptions } from '../functions/build.ts'

/** The folders that the app is made of. */
const folders = ['functions', 'contract']

/** How long files must have been quiet before a build, in milliseconds: an editor may write one in several steps. */
const quiet = 20

/**
 * Builds the bundle, then again at every change. Only a build without errors whose result differs replaces the files,
 * each at once; faults are told to `log` with their places.
 */
export async function watchFunctions(log: (line: string) => void): Promise<{ stop(): Promise<void> }> {
  // The app alone, not the packages in files of their own, and not minified: those would take most of the time.
  const { functions } = buildOptions.entryPoints
  const context = await esbuild.context({
    ...buildOptions,
    entryPoints: { functions },
    minify: false,
    write: false,
    logLevel: 'silent',
  })

  async function build() {
    const began = performance.now()
    try {
      const { outputFiles } = await context.rebuild()
      if (await writeChanged(outputFiles)) {
        log(`Bundled the function app in ${Math.round(performance.now() - began)} ms.`)
      }
    } catch (error) {
      const { errors } = error as esbuild.BuildFailure
      if (!errors) throw error
      const texts = await esbuild.formatMessages(errors, { kind: 'error', color: process.stdout.isTTY })
      for (const text of texts) log(text.trimEnd())
      log('The function app does not compile; its last good build keeps serving.')
    }
  }

  let latest = 0
  let building = build()
  await building
  const watchers = folders.map((folder) =>
    watch(join(buildOptions.absWorkingDir, folder), { recursive: true }, async (_, name) => {
      if (name?.endsWith('.test.ts')) return
      const mine = ++latest
      await delay(quiet)
      if (mine === latest) building = building.then(build)
    }),
  )
  return {
    async stop() {
      for (const watcher of watchers) watcher.close()
      await building
      await context.dispose()
    },
  }
}

/** Writes files that differ from what is there, source maps before what they belong to; whether any did. */
async function writeChanged(files: esbuild.OutputFile[]): Promise<boolean> {
  let changed = false
  for (const { path, contents } of files.toSorted((a, b) => b.path.length - a.path.length)) {
    const before = await readFile(path).catch(() => undefined)
    if (before && digest(before) === digest(contents)) continue
    await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.new`, contents)
    await rename(`${path}.new`, path)
    changed = true
  }
  return changed
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
