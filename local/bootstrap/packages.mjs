/**
 * The repository's packages: whether they are there, and how they come. Packages are installed only when the lock file
 * asks for others than are there.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const windows = process.platform === 'win32'
export const modules = join(root, 'node_modules')
/** The Node version that the repository brings with it (the npm package `node`). */
export const node = join(modules, 'node', 'bin', windows ? 'node.exe' : 'node')
const lockFile = join(root, 'package-lock.json')
const installedLockFile = join(modules, '.package-lock.json')

/** True when each package that the lock file names is there at its version; optional ones may be missing. */
export function isInstalled() {
  if (!existsSync(installedLockFile) || !existsSync(node)) return false
  if (statSync(lockFile).mtimeMs <= statSync(installedLockFile).mtimeMs) return true

  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages
  const installed = packagesOf(installedLockFile)
  const same = Object.entries(packagesOf(lockFile)).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || (installed[path] ? installed[path].version === version : optional || devOptional),
  )
  // A checkout only touched the file: remember that, to compare but once.
  if (same) utimesSync(installedLockFile, new Date(), new Date())
  return same
}

/**
 * Runs npm quietly; rejects with what it wrote when it fails. It must not run under the Node of the packages that it
 * replaces, which is the first on the PATH of npm's scripts.
 */
function npm(...args) {
  const { npm_execpath: cli, npm_node_execpath: itsNode } = process.env
  const outside = [itsNode, process.execPath].find((path) => path && !path.startsWith(modules))
  const [command, ...first] = outside && cli?.endsWith('npm-cli.js') ? [outside, cli] : ['npm']
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(modules))
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args, ...quiet], {
      cwd: root,
      env: { ...process.env, PATH: path.join(delimiter) },
      shell: windows && command === 'npm',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(output.trim()))))
  })
}

/** Installs what the lock file asks for; ends the process with the reason when it cannot. */
export async function install() {
  console.log('Installing packages (about a minute, once) …')
  try {
    // Of all install scripts only one is wanted: that of `node`, which fetches the binary for this machine.
    // What is there already stays, the running Node among it.
    if (existsSync(installedLockFile)) await npm('install', '--no-save', '--ignore-scripts')
    else await npm('ci', '--ignore-scripts')
    await npm('rebuild', 'node', '--ignore-scripts=false')
    if (!existsSync(node)) throw new Error('The package "node" brought no binary for this machine.')
  } catch (error) {
    const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/.exec(error.message)
    console.error(error.message.split('\n').slice(0, 12).join('\n'))
    console.error(
      offline
        ? `\nThe packages could not be fetched: npm cannot reach its registry (${offline[0]}). Go online and try again.`
        : '\nThe packages could not be installed; the reason is above.',
    )
    process.exit(1)
  }
}
