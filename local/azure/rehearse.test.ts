/** The command line of the rehearsal: what it refuses, and that it leaves nothing behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findBicep } from '../../infra/bicep.ts'
import { root } from '../root.ts'
import { readOptions } from './options.ts'

const program = 'local/azure/rehearse.ts'

test.each([
  [['--profil', 'aks'], '--profil'],
  [['aks'], 'aks'],
  [['--profile'], '--profile'],
  [['--profile', 'kubernetes'], 'There is no profile kubernetes, but functions and aks.'],
])('%j is refused, with what is wrong', (args, text) => {
  expect(() => readOptions(args)).toThrow(text)
})

test('both profiles are rehearsed, or the one that is named', () => {
  expect(readOptions([]).profiles).toEqual(['functions', 'aks'])
  expect(readOptions(['--profile', 'aks']).profiles).toEqual(['aks'])
})

const canStart = process.platform === 'linux' && findBicep()
if (!canStart) console.warn('Skipped: interrupting the rehearsal takes Linux and Bicep.')

test.skipIf(!canStart)('Ctrl+C while it starts ends it, with all that it started and wrote', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'interrupted-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const child = spawn(process.execPath, [program, '--profile', 'functions'], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Once Azurite has its certificate, parts are starting.
  while (!(await processesOf(folder)).length && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20))
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  expect(code).toBe(130)
  expect(await readdir(folder)).toEqual([])
  while ((await processesOf(folder)).length) await new Promise((resolve) => setTimeout(resolve, 20))
})

/** The processes, other than the rehearsal itself, that are told of a folder. */
async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  )
  return commands.filter((command) => command.includes(folder))
}
