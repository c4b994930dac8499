/** Which changes of an app's files are noticed. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { eventually } from './fixtures/watchedApp.ts'
import { watchFiles } from './watchFiles.ts'

let appRoot: string
let seen = 0

beforeEach(async () => {
  appRoot = await mkdtemp(join(tmpdir(), 'watched-'))
  return () => rm(appRoot, { recursive: true })
})

async function write(path: string, text = '') {
  await mkdir(dirname(join(appRoot, path)), { recursive: true })
  await writeFile(join(appRoot, path), text)
}

async function startWatching(main: string) {
  await write('package.json', JSON.stringify({ main }))
  seen = 0
  const watcher = await watchFiles(appRoot, () => seen++)
  onTestFinished(() => watcher.close())
}

/** Makes a change, and waits until it and what it entailed has been noticed. */
async function noticed(change: () => Promise<unknown>) {
  const before = seen
  await change()
  await eventually(() => expect(seen).toBeGreaterThan(before))
  let settled: number
  do {
    settled = seen
    await new Promise((resolve) => setTimeout(resolve, 200))
  } while (seen !== settled)
}

test('a file that the entry files load, wherever below their folder it lies', async () => {
  await write('dist/src/functions/hello.js')
  await write('dist/src/lib/greeting.js')
  await startWatching('dist/src/functions/*.js')
  await noticed(() => write('dist/src/functions/hello.js', '1'))
  await noticed(() => write('dist/src/lib/greeting.js', '1'))
  await noticed(() => write('dist/src/lib/words/new.js', '1'))
  await noticed(() => write('dist/src/lib/words/new.js', '2'))
})

test('every build after the folder was deleted', async () => {
  await write('dist/functions/hello.js')
  await startWatching('./dist/functions/*.js')
  for (const build of ['1', '2', '3']) {
    await noticed(() => rm(join(appRoot, 'dist'), { recursive: true }))
    await noticed(() => write('dist/functions/hello.js', build))
    await noticed(() => write('dist/functions/hello.js', `${build}, again`))
  }
})

test('the first build, and the folder that a changed package.json names', async () => {
  await startWatching('dist/*.js')
  await noticed(() => write('dist/hello.js'))
  await write('out/hello.js')
  await noticed(() => write('package.json', '{"main":"out/*.js"}'))
  await noticed(() => write('out/hello.js', '1'))
})

test('an app without a folder for what it loads', async () => {
  await write('index.js')
  await write('lib/greeting.js')
  await startWatching('index.js')
  await noticed(() => write('lib/greeting.js', '1'))
  await noticed(() => write('index.js', '1'))
  await noticed(() => write('local.settings.json', '{}'))
})
