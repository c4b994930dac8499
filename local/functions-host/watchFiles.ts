/** Tells when the files of an app change: those that it may load, and its configuration. */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** How long files must have been quiet before a change is told, in milliseconds: a build writes several. */
const quiet = 30

const loadedFiles = /(\.(c|m)?js|\.json)$/
const configuration = new Set(['host.json', 'local.settings.json', 'package.json'])

/** Dependencies do not change while one works on an app, and are too many to watch. */
const isForeign = (name: string) => name === 'node_modules' || name.startsWith('.')

/**
 * Calls `onChange` whenever a file changes in the folder that `main` of package.json lies in, at whatever depth, or a
 * configuration file does. The folder may be missing, be deleted and come back: a clean build does so.
 */
export async function watchFiles(appRoot: string, onChange: () => void): Promise<{ close(): void }> {
  const watchers = new Map<string, FSWatcher>()
  let built = await folderOfBuild(appRoot)
  let latest = 0
  let stale = false

  async function noticed(foldersChanged: boolean) {
    stale ||= foldersChanged
    const mine = ++latest
    await delay(quiet)
    if (mine !== latest) return
    if (stale) {
      stale = false
      built = await folderOfBuild(appRoot)
      // A folder that came back under its old name is another one, of which the old watcher sees nothing.
      watchAll()
    }
    onChange()
  }

  function watchAll() {
    closeAll()
    watchFolder(appRoot)
    if (built !== appRoot) watchFolder(built)
  }

  function closeAll() {
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }

  function watchFolder(folder: string) {
    try {
      // Watched first and read afterwards, so that a folder made in between is seen at least once.
      const watcher = watch(folder, (type, name) => void (name && onEvent(folder, type, name)))
      watchers.set(folder, watcher)
      watcher.on('error', () => void noticed(true))
      if (folder === appRoot && built !== appRoot) return
      for (const entry of readdirSync(folder, { withFileTypes: true }))
        if (entry.isDirectory() && !isForeign(entry.name)) watchFolder(join(folder, entry.name))
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') console.error(`Changes in ${folder} will not be noticed: ${message}`)
    }
  }

  function onEvent(folder: string, type: string, name: string) {
    const path = join(folder, name)
    if (folder === appRoot && configuration.has(name)) void noticed(name === 'package.json')
    else if (folder === appRoot && built !== appRoot && path !== built) return
    else if (loadedFiles.test(name)) void noticed(false)
    else if (type === 'rename' && !isForeign(name) && (watchers.has(path) || isFolder(path)))
      void noticed(true)
  }

  watchAll()
  return {
    close() {
      latest++
      closeAll()
    },
  }
}

/** The folder below the app's in which `main` of package.json lies, or the app's own. */
async function folderOfBuild(appRoot: string): Promise<string> {
  // A package.json that cannot be read is told of by the process that loads the app.
  const { main } = await readFile(join(appRoot, 'package.json'), 'utf8')
    .then((text) => JSON.parse(text) as { main?: unknown })
    .catch(() => ({ main: undefined }))
  const [first = '', ...rest] = posix.normalize(String(main ?? '').replaceAll('\\', '/')).split('/')
  const isFolderBelow = rest.length > 0 && first !== '..' && !/[*?[\]{}()!]/.test(first)
  return isFolderBelow ? join(appRoot, first) : appRoot
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
