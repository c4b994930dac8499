/** Installs a program of Debian's on the machine that tests run on. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const run = promisify(execFile)
const timeout = 240_000

/** @throws {Error} where there is no Debian, no right to install, or no such package. */
export async function installDebian(name: string): Promise<void> {
  if (!existsSync('/usr/bin/apt-get')) throw new Error(`This machine has no apt-get to install ${name} with.`)
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const apt = async (...args: string[]) => {
    const [command = '', ...rest] = [...asRoot, 'apt-get', ...args]
    await run(command, rest, { timeout, maxBuffer: 1 << 26 })
  }
  await apt('update')
  await apt('install', '-y', '--no-install-recommends', name)
}
