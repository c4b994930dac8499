/** Azure Functions Core Tools: where `func` is on this machine, and how to get it where it is not. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root } from '../root.ts'

const names = process.platform === 'win32' ? ['func.exe', 'func.cmd'] : ['func']

/** `func` cannot be had on this machine; the message says what a developer can do. */
export class NoCoreToolsError extends Error {
  override name = 'NoCoreToolsError'
}

/**
 * The path of `func`: that of PATH, else the one of the npm package, which fetches its binary the first time.
 * @throws {NoCoreToolsError} when there is none and it cannot be fetched.
 */
export async function findFunc(
  log: (line: string) => void,
  {
    path = process.env.PATH ?? '',
    packageFolder = join(root, 'node_modules', 'azure-functions-core-tools'),
  }: { path?: string; packageFolder?: string } = {},
): Promise<string> {
  const known = onPath(path) ?? inFolder(join(packageFolder, 'bin'))
  if (known) return known
  if (!existsSync(packageFolder)) throw unavailable('its npm package was not installed (it is optional)')

  log('Fetching Azure Functions Core Tools, some 600 MB once installed …')
  const code = await new Promise<number | null>((resolve, reject) => {
    const script = join('lib', 'install.js')
    spawn(process.execPath, [script], { cwd: packageFolder, stdio: ['ignore', 'inherit', 'inherit'] })
      .once('error', reject)
      .once('close', resolve)
  })
  const fetched = inFolder(join(packageFolder, 'bin'))
  if (code !== 0 || !fetched) throw unavailable('its binary could not be fetched')
  return fetched
}

/** The first `func` of PATH that is not the npm package's: npm puts that one there even without its binary. */
function onPath(path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (folder && !folder.includes('node_modules')) {
      const found = inFolder(folder)
      if (found) return found
    }
  }
  return undefined
}

function inFolder(folder: string): string | undefined {
  return names.map((name) => join(folder, name)).find((file) => existsSync(file))
}

function unavailable(reason: string): NoCoreToolsError {
  return new NoCoreToolsError(
    [
      `The Azure Functions Core Tools are not on this machine, and ${reason}.`,
      'Install them by hand (https://learn.microsoft.com/azure/azure-functions/functions-run-local) so that "func" is on',
      'the PATH, or run "npm start": its Functions host serves the same app and needs no download.',
    ].join('\n'),
  )
}
