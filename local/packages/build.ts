/**
 * `npm run package`: builds the parts of the local cloud that stand alone to plain JavaScript with types, and packs them
 * into `.local/packages`. `npm install FILE.tgz` takes them anywhere; `npm publish FOLDER` would publish them.
 */
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { root } from '../root.ts'

const run = promisify(execFile)

/** The folders of the packages. */
export const packages = ['local/service-bus', 'local/cosmos', 'local/functions-host'] as const

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: string
  readonly bin: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

export interface Packed {
  readonly name: string
  /** The folder that is packed. */
  readonly folder: string
  /** The tarball. */
  readonly file: string
  /** The paths of the files in it. */
  readonly files: readonly string[]
}

/** Builds and packs one package. Throws when its sources do not compile. */
export async function pack(source: string): Promise<Packed> {
  const from = join(root, source)
  const manifest = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as Manifest
  const target = join(root, '.local', 'packages')
  const folder = join(target, manifest.name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await compile(from, folder, [manifest.exports, ...Object.values(manifest.bin)])
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published(manifest), undefined, 2)}\n`)
  await cp(join(from, 'README.md'), join(folder, 'README.md'))
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  const { stdout } = await npm(['pack', folder, '--pack-destination', target, '--json'])
  const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
  if (packed === undefined) throw new Error(`npm packed nothing of ${folder}: ${stdout}`)
  const files = packed.files.map(({ path }) => path)
  return { name: manifest.name, folder, file: join(target, packed.filename), files }
}

/** How an entry point in JavaScript names a source of the package. */
const ownSource = /(?<=['"])(\.\/[\w./-]+)\.ts(?=['"])/g

/** Compiles what the entry points reach; one that is JavaScript already is copied, and leads to what was compiled. */
async function compile(from: string, folder: string, entries: readonly string[]): Promise<void> {
  const config = join(folder, 'tsconfig.json')
  const ready = await Promise.all(
    entries
      .filter((entry) => !entry.endsWith('.ts'))
      .map(async (entry) => ({ entry, text: await readFile(join(from, entry), 'utf8') })),
  )
  const files = [
    ...entries.filter((entry) => entry.endsWith('.ts')).map((entry) => join(from, entry)),
    ...ready.flatMap(({ entry, text }) =>
      [...text.matchAll(ownSource)].map(([source]) => join(from, dirname(entry), source)),
    ),
  ]
  await writeFile(
    config,
    JSON.stringify({
      extends: relative(folder, join(root, 'tsconfig.json')),
      compilerOptions: {
        module: 'nodenext',
        moduleResolution: 'nodenext',
        rootDir: from,
        outDir: join(folder, 'dist'),
        noEmit: false,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        typeRoots: [join(root, 'node_modules', '@types')],
      },
      include: [],
      files,
    }),
  )
  try {
    await run(process.execPath, [join(root, 'node_modules', 'typescript-7', 'bin', 'tsc'), '-p', config])
  } catch (error) {
    throw new Error(`${from} does not compile:\n${(error as { stdout?: string }).stdout ?? error}`)
  } finally {
    await rm(config)
  }
  for (const { entry, text } of ready) {
    await mkdir(dirname(join(folder, 'dist', entry)), { recursive: true })
    await writeFile(join(folder, 'dist', entry), text.replace(ownSource, '$1.js'))
  }
}

/** The manifest of the package: it points to what was built, and says nothing of the workspace. */
function published({ private: _, scripts: __, ...manifest }: Manifest): object {
  const built = (entry: string) => `./${join('dist', entry).replaceAll('\\', '/').replace(/\.ts$/, '.js')}`
  return {
    ...manifest,
    exports: {
      '.': { types: built(manifest.exports).replace(/\.js$/, '.d.ts'), default: built(manifest.exports) },
    },
    bin: Object.fromEntries(Object.entries(manifest.bin).map(([name, entry]) => [name, built(entry)])),
    files: ['dist'],
  }
}

/** npm is a script on Windows, so it is started through a shell there. */
export async function npm(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  return run('npm', args as string[], {
    ...options,
    shell: process.platform === 'win32',
    maxBuffer: 64 * 1024 * 1024,
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const source of packages) console.log((await pack(source)).file)
}
