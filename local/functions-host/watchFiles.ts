/** Tells when the files of an app change: those that it may load, and its configuration. */
import { readFile } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'
import { type WatchedFolder, watchFolders } from './watchFolders.ts'

const loadedFiles = /(\.(c|m)?js|\.json)$/
const configuration = new Set(['host.json', 'local.settings.json', 'package.json'])

/**
 * Calls `onChange` whenever a file changes in the folder that `main` of package.json lies in, at whatever depth, or a
 * configuration file does. The folder may be missing, be deleted and come back: a clean build does so.
 */
export function watchFiles(appRoot: string, onChange: () => void): Promise<{ close(): void }> {
  const isLoaded = (name: string) => loadedFiles.test(name)
  return watchFolders(async (): Promise<WatchedFolder[]> => {
    const built = await folderOfBuild(appRoot)
    if (built === appRoot) return [{ path: appRoot, deep: true, wants: isLoaded }]
    return [
      {
        path: appRoot,
        deep: false,
        wants: (name) => configuration.has(name) || name === basename(built),
      },
      { path: built, deep: true, wants: isLoaded },
    ]
  }, onChange)
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
