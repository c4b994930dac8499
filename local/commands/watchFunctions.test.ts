/** `npm run dev`: a change is built, however a file is saved, and after whatever went before. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../functions-host/fixtures/watchedApp.ts'
import { watchFunctions } from './watchFunctions.ts'

const git = (...args: string[]) =>
  promisify(execFile)(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@t.example', '-c', 'core.hooksPath=', ...args],
    { cwd: root },
  )

let root: string
let lines: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'watched-'))
  lines = []
  await write('functions/index.ts', "import { version } from './shop/version'\nconsole.log(version)\n")
  await write('functions/shop/version.ts', version('first'))
  await write('contract/order.ts', '')
  return () => rm(root, { recursive: true })
})

const version = (text: string) => `export const version = '${text}'\n`

async function write(path: string, text: string) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

async function start() {
  const watching = await watchFunctions((line) => lines.push(line), root)
  onTestFinished(() => watching.stop())
}

const bundle = () => readFile(join(root, 'dist/functions.cjs'), 'utf8').catch(() => '')
const builds = (text: string) => eventually(async () => expect(await bundle()).toContain(text))

/** Ways in which editors save; the file is never away for long. */
const ways: Record<string, (file: string, text: string) => Promise<void>> = {
  'over the old file': (file, text) => writeFile(file, text),
  'as a new file that is renamed over the old one': async (file, text) => {
    await writeFile(join(root, 'new.tmp'), text)
    await rename(join(root, 'new.tmp'), file)
  },
  'as a new file, after the old one was put aside': async (file, text) => {
    await rename(file, `${file}~`)
    await writeFile(file, text)
    await rm(`${file}~`)
  },
}

describe.each(Object.entries(ways))('a file is saved %s', (_, save) => {
  test('ten times, then with a fault, then without', async () => {
    await start()
    const file = join(root, 'functions/shop/version.ts')
    for (let save10 = 1; save10 <= 10; save10++) {
      await save(file, version(`save ${save10}.`))
      await builds(`save ${save10}.`)
    }
    await save(file, 'export const version = ')
    await eventually(() => expect(lines.join('\n')).toContain('does not compile'))
    expect(lines.join('\n')).toContain('functions/shop/version.ts:1')
    // The code of before the fault: nothing is to be replaced, but it is to be told.
    await save(file, version('save 10.'))
    await eventually(() => expect(lines.at(-1)).toBe('The function app compiles again.'))
    // And in place, by another program.
    await writeFile(file, version('the end'))
    await builds('the end')
  })
})

test('another branch is checked out, with folders of its own, there and back', async () => {
  await git('init', '-q', '-b', 'main')
  await write('.gitignore', 'dist\n')
  await git('add', '.')
  await git('commit', '-qm', 'one')
  await git('checkout', '-qb', 'other')
  await rm(join(root, 'functions/shop'), { recursive: true })
  await write('functions/index.ts', "import { version } from './store/deep/version'\nconsole.log(version)\n")
  await write('functions/store/deep/version.ts', version('other branch'))
  await git('add', '.')
  await git('commit', '-qm', 'two')
  await git('checkout', '-q', 'main')
  await start()
  for (let turn = 0; turn < 3; turn++) {
    await git('checkout', '-q', 'other')
    await builds('other branch')
    await git('checkout', '-q', 'main')
    await builds('first')
  }
  await write('functions/shop/version.ts', version('after all'))
  await builds('after all')
})
