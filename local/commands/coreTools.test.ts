/** Where `func` is looked for, with folders that stand in for a machine's. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { findFunc, NoCoreToolsError } from './coreTools.ts'

const func = process.platform === 'win32' ? 'func.exe' : 'func'
let machine: string
const at = (...path: string[]) => join(machine, ...path)

beforeEach(async () => {
  machine = await mkdtemp(join(tmpdir(), 'core-tools-'))
  return () => rm(machine, { recursive: true })
})

async function put(file: string, text = '') {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  await chmod(file, 0o755)
}

const path = (...folders: string[]) => folders.map((folder) => at(folder)).join(delimiter)
const packageFolder = () => at('package')
const search = (...folders: string[]) =>
  findFunc(() => {}, { path: path(...folders), packageFolder: packageFolder() })

test('the first func of the PATH is taken, but for the one that npm puts there without its binary', async () => {
  await put(at('node_modules', '.bin', func))
  await put(at('tools', func))
  await put(at('later', func))
  expect(await search(join('node_modules', '.bin'), 'empty', 'tools', 'later')).toBe(at('tools', func))
})

test('else the binary of the npm package, which is fetched once', async () => {
  const installer = `
    const { mkdirSync, writeFileSync } = require('node:fs')
    mkdirSync('bin')
    writeFileSync('bin/${func}', '')
  `
  await put(at('package', 'lib', 'install.js'), installer)
  const said: string[] = []
  const find = () =>
    findFunc((line) => said.push(line), { path: path('empty'), packageFolder: packageFolder() })
  expect(await find()).toBe(at('package', 'bin', func))
  expect(said.join()).toContain('600 MB')
  // A second fetch would fail, for the folder is there.
  expect(await find()).toBe(at('package', 'bin', func))
  expect(said).toHaveLength(1)
})

test('where it cannot be had, the message says why and what to do', async () => {
  const missing = await search('empty').catch((error) => error)
  expect(missing).toBeInstanceOf(NoCoreToolsError)
  expect(missing.message).toContain('its npm package was not installed')
  expect(missing.message).toContain('"npm start"')

  await put(at('package', 'lib', 'install.js'), 'process.exit(1)')
  const unreachable = await search('empty').catch((error) => error)
  expect(unreachable).toBeInstanceOf(NoCoreToolsError)
  expect(unreachable.message).toContain('its binary could not be fetched')
})
