import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../root.ts'
import { takenByNpm } from './npmOptions.ts'

test('options that npm took are named, with the right way to give them', () => {
  const env = { npm_config_any_ports: 'true', npm_config_store_port: '9000', npm_config_loglevel: 'error' }
  expect(takenByNpm('npm start', ['any-ports', 'store-port', 'admin-port'], env)).toMatch(
    /: npm start -- --any-ports --store-port=9000$/,
  )
  expect(takenByNpm('npm start', ['any-ports'], { npm_config_any_ports: '' })).toBe(undefined)
  expect(takenByNpm('npm start', ['any-ports'], {})).toBe(undefined)
})

test.each([
  ['start.ts', 'any-ports', 'npm start -- --any-ports'],
  ['dev.ts', 'any-ports', 'npm run dev -- --any-ports'],
  ['startFunc.ts', 'any-ports', 'npm run start:func -- --any-ports'],
  ['load.ts', 'orders', 'npm run load -- --orders'],
])('%s starts nothing when npm took --%s', async (file, option, better) => {
  const run = runFile(file, [], { [`npm_config_${option.replace('-', '_')}`]: 'true' })
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(better) })
})

test.each([
  ['localhost:1', '"http://localhost:1"?'],
  ['127.0.0.1', '"http://127.0.0.1"?'],
  ['ftp://localhost', 'http://localhost:7071'],
  ['http:', 'http://localhost:7071'],
])('a load test of %s says how an address begins', async (url, better) => {
  const run = runFile('load.ts', ['--url', url])
  await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('http:// or https://') })
  await expect(run).rejects.toMatchObject({ stderr: expect.stringContaining(better) })
})

const runFile = (file: string, args: string[], env: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, [`local/commands/${file}`, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  })
