/** Bundles the function app whenever one of its files changes. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as esbuild from 'esbuild'
import { buildOptions } from '../../functions/build.ts'
import { watchFolders } from '../functions-host/watchFolders.ts'

/** The folders that the app is made of. */
const folders = ['functions', 'contract']

/**
 * Builds the bundle, then again at every change. Only a build without errors whose result differs replaces the files,
 * each at once; faults are told to `log` with their places, and that they are gone. `root`: the folder of the app's folders.
 */
export async function watchFunctions(
  log: (line: string) => void,
  root = buildOptions.absWorkingDir,
): Promise<{ stop(): Promise<void> }> {
  // The app alone, not the packages in files of their own, and not minified: those would take most of the time.
  const { functions } = buildOptions.entryPoints
  const context = await esbuild.context({
    ...buildOptions,
    absWorkingDir: root,
    entryPoints: { functions },
    minify: false,
    write: false,
    logLevel: 'silent',
  })

  let broken = false
  async function build() {
    const began = performance.now()
    try {
      const { outputFiles } = await context.rebuild()
      if (broken) log('The function app compiles again.')
      broken = false
      if (await writeChanged(outputFiles)) {
        log(`Bundled the function app in ${Math.round(performance.now() - began)} ms.`)
      }
    } catch (error) {
      const { errors } = error as esbuild.BuildFailure
      if (!errors) throw error
      broken = true
      const texts = await esbuild.formatMessages(errors, { kind: 'error', color: process.stdout.isTTY })
      for (const text of texts) log(text.trimEnd())
      log('The function app does not compile; its last good build keeps serving.')
    }
  }

  // Watched before the first build, which may take longer than a change.
  let building: Promise<void> | undefined
  const again = () => {
    building = (building ?? Promise.resolve()).then(build)
    return building
  }
  const isSource = (name: string) => /\.(ts|json)$/.test(name) && !name.endsWith('.test.ts')
  const watcher = await watchFolders(
    () => [
      { path: root, deep: false, wants: (name) => folders.includes(name) },
      ...folders.map((folder) => ({ path: join(root, folder), deep: true, wants: isSource })),
    ],
    () => void again(),
  )
  await again()
  return {
    async stop() {
      watcher.close()
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
