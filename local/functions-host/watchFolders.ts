/**
 * Tells when files change, by watching folder by folder. Node's recursive watch will not do: on Linux it follows a file
 * and not its name, so that once another was renamed into its place (as many editors save, and `git checkout` does) it
 * tells nothing more of it.
 */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface WatchedFolder {
  path: string
  /** With all folders below it, but for `node_modules` and those whose name begins with a dot. */
  deep: boolean
  /** Whether a change of the file, or of the folder, of this name is to be told. */
  wants(name: string): boolean
}

/** How long files must have been quiet before a change is told, in milliseconds: a build writes several. */
const quiet = 30

/** Dependencies do not change while one works on an app, and are too many to watch. */
const isForeign = (name: string) => name === 'node_modules' || name.startsWith('.')

/**
 * Calls `onChange` whenever a wanted file changes in one of the folders, which are asked for again each time. They may be
 * missing, be deleted and come back.
 */
export async function watchFolders(
  folders: () => WatchedFolder[] | Promise<WatchedFolder[]>,
  onChange: () => void,
): Promise<{ close(): void }> {
  const watchers = new Map<string, FSWatcher>()
  let latest = 0

  async function noticed() {
    const mine = ++latest
    await delay(quiet)
    const wanted = await folders()
    if (mine !== latest) return
    // A folder that came back under its old name is another one, of which the old watcher sees nothing.
    watchAll(wanted)
    onChange()
  }

  function watchAll(wanted: WatchedFolder[]) {
    closeAll()
    for (const folder of wanted) watchFolder(folder.path, folder)
  }

  function closeAll() {
    for (const watcher of watchers.values()) watcher.close()
    watchers.clear()
  }

  function watchFolder(path: string, { deep, wants }: WatchedFolder) {
    const isWatched = (name: string) => deep && !isForeign(name)
    const onEvent = (type: string, name: string | null) => {
      if (name === null) return
      const below = join(path, name)
      if (wants(name)) void noticed()
      else if (type === 'rename' && isWatched(name) && (watchers.has(below) || isFolder(below)))
        void noticed()
    }
    try {
      // Watched first and read afterwards, so that a folder made in between is seen at least once.
      const watcher = watch(path, onEvent)
      watchers.get(path)?.close()
      watchers.set(path, watcher)
      watcher.on('error', () => void noticed())
      if (!deep) return
      for (const entry of readdirSync(path, { withFileTypes: true }))
        if (entry.isDirectory() && isWatched(entry.name))
          watchFolder(join(path, entry.name), { path, deep, wants })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') console.error(`Changes in ${path} will not be noticed: ${message}`)
    }
  }

  watchAll(await folders())
  return {
    close() {
      latest++
      closeAll()
    },
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
