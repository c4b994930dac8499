/** What has to be built before the local cloud can run it, and is built only when its sources changed. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../root.ts'
import { childPreload } from './childProtocol.ts'

interface Build {
  /** Files and folders that it is made of. */
  sources: string[]
  /** A file that it makes. */
  output: string
  /** Variables of the environment that go into it. */
  variables: string[]
  command: { args: string[]; cwd: string }
}

const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const webApp = (folder: string): Build => ({
  sources: [folder, 'web-ui', 'contract', 'package-lock.json'],
  output: `${folder}/dist/index.html`,
  variables: ['VITE_STORE_NAME', 'VITE_STORE_CURRENCY', 'STORE_CURRENCY'],
  command: { args: [vite, 'build', '--logLevel', 'warn'], cwd: folder },
})

const builds = {
  functions: {
    sources: ['functions', 'contract', 'package-lock.json'],
    output: 'dist/functions.cjs',
    variables: [],
    command: { args: ['functions/build.ts'], cwd: '.' },
  },
  console: {
    sources: ['local/console/page', 'web-ui', 'contract', 'package-lock.json'],
    output: 'local/console/dist/index.html',
    variables: [],
    command: { args: [vite, 'build', '--logLevel', 'warn'], cwd: 'local/console/page' },
  },
  'web-store': webApp('web-store'),
  'web-admin': webApp('web-admin'),
} satisfies Record<string, Build>

export type BuildName = keyof typeof builds

/**
 * Builds it unless its sources, and the variables that go into it, are as they were at its last build.
 * @returns whether it had to be built.
 * @throws {Error} with the compiler's output.
 */
export async function buildIfStale(name: BuildName): Promise<boolean> {
  const { output, command } = builds[name]
  const stampFile = join(root, '.local', 'built', name)
  const stamp = await stampOf(name, process.env)
  const last = await readFile(stampFile, 'utf8').catch(() => '')
  if (stamp === last && existsSync(join(root, output))) return false

  await run(name, command)
  await mkdir(join(root, '.local', 'built'), { recursive: true })
  await writeFile(stampFile, stamp)
  return true
}

/** A digest of the names, sizes and times of all source files (it sees changed, new and deleted ones), and of variables. */
export async function stampOf(name: BuildName, env: NodeJS.ProcessEnv): Promise<string> {
  const { sources, variables }: Build = builds[name]
  const hash = createHash('sha256')
  for (const variable of variables) hash.update(`${variable}=${env[variable] ?? ''}\n`)
  for (const source of sources) {
    const isFolder = (await stat(join(root, source))).isDirectory()
    for (const file of isFolder ? await filesOf(source) : [source]) {
      const { size, mtimeMs } = await stat(join(root, file))
      hash.update(`${file} ${size} ${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const files = entries
    .filter(({ name }) => name !== 'dist' && name !== 'node_modules')
    .map((entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesOf(path) : [path]
    })
  return (await Promise.all(files)).flat().sort()
}

function run(name: string, { args, cwd }: Build['command']) {
  return new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', childPreload, ...args], {
      cwd: join(root, cwd),
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`The build of ${name} failed:\n${output.trim()}`)),
    )
  })
}
