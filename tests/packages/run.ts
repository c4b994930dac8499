/**
 * Installs the packed parts of the local cloud into an empty folder, as a stranger would, and uses them: in a program, by
 * `npx` and with their types, under the oldest Node.js that each says it supports and under the project's own; and runs
 * the app, as it is deployed, by the Functions host under each Node.js that the app names. Prints `✓ name` or
 * `✗ name: why` for each.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { npm, type Packed, pack, packages } from '../../local/packages/build.ts'
import { root } from '../../local/root.ts'
import { appVersions, checkApp } from './app.ts'
import { nodeOf } from './nodeVersions.ts'

const run = promisify(execFile)

/** What beside the package a program needs, by the package's name. The program is `NAME.mjs` beside this file. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'local-service-bus': ['@azure/service-bus'],
  'local-cosmos': ['@azure/cosmos'],
  'local-functions-host': ['@azure/functions'],
}

let failed = false
for (const source of packages) {
  const packed = await pack(source)
  await check(`${packed.name}: the package holds what it needs and no tests`, async () =>
    checkContents(packed),
  )
  const { engines } = JSON.parse(await readFile(join(packed.folder, 'package.json'), 'utf8'))
  const oldest = /^>=(\d+\.\d+\.\d+)$/.exec(engines.node)?.[1]
  if (oldest === undefined) throw new Error(`${packed.name}: engines.node is not of the form >=22.13.0`)
  const isHost = packed.name === 'local-functions-host'
  await withInstalled(packed, async (folder) => {
    await check(`${packed.name}: its types`, () => checkTypes(packed.name, folder))
    for (const version of new Set([oldest, ...(isHost ? await appVersions() : []), process.versions.node])) {
      const node = await nodeOf(version)
      const title = `${packed.name} under Node.js ${version}`
      await check(`${title}: in a program`, () => run(node, ['program.mjs'], { cwd: folder }))
      await check(`${title}: by npx`, () => checkNpx(packed.name, folder, node))
      if (!isHost) continue
      const cli = join(folder, 'node_modules', packed.name, 'dist', 'cli.mjs')
      await check(`the deployed app under Node.js ${version}`, () => checkApp(node, cli))
    }
  })
}
process.exitCode = failed ? 1 : 0

async function check(name: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt()
    console.log(`✓ ${name}`)
  } catch (error) {
    failed = true
    const { stderr = '', message } = error as Error & { stderr?: string }
    console.log(`✗ ${name}: ${message}\n${stderr}`)
  }
}

function checkContents({ files }: Packed): void {
  for (const wanted of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']) {
    if (!files.includes(wanted)) throw new Error(`${wanted} is missing`)
  }
  const unwanted = files.filter((path) => /test|fixture|(?<!\.d)\.ts$|tsconfig/.test(path))
  if (unwanted.length > 0) throw new Error(`nobody needs ${unwanted.join(', ')}`)
}

/** An empty folder into which the package is installed, as a program that uses it would have it. */
async function withInstalled({ name, file }: Packed, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'package-'))
  try {
    await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
    const quickly = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
    await npm(['install', file, ...(needs[name] ?? []), ...quickly], { cwd: folder })
    const program = fileURLToPath(new URL(`./${name.replace('/', '-')}.mjs`, import.meta.url))
    await copyFile(program, join(folder, 'program.mjs'))
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function checkNpx(name: string, folder: string, node: string): Promise<void> {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
  const { stdout } = await npm(['exec', '--offline', '--', name, '--help'], { cwd: folder, env })
  if (!stdout.startsWith('Usage: ')) throw new Error(`it wrote: ${stdout}`)
}

async function checkTypes(name: string, folder: string): Promise<void> {
  await writeFile(join(folder, 'types.ts'), `import * as it from '${name}'\nexport const all: object = it\n`)
  const tsc = join(root, 'node_modules', 'typescript-7', 'bin', 'tsc')
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--types',
    'node',
    '--typeRoots',
    join(root, 'node_modules', '@types'),
  ]
  await run(process.execPath, [tsc, ...options, 'types.ts'], { cwd: folder }).catch((error) => {
    throw new Error(String((error as { stdout?: string }).stdout))
  })
}
