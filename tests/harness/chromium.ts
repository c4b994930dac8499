/** Finds a Chromium to test with: one of this machine, else Playwright's, else Debian's package. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { installDebian } from './debian.ts'

const run = promisify(execFile)
const installTimeout = 240_000

/**
 * The path of a Chromium-based browser. `CHROMIUM_PATH` decides, where it is set; where none is found, one is installed.
 * @throws {Error} that says how to get one, when none can be had.
 */
export async function findChromium(): Promise<string> {
  const wish = process.env.CHROMIUM_PATH
  if (wish) {
    if (existsSync(wish)) return wish
    throw new Error(`CHROMIUM_PATH names ${wish}, which does not exist.`)
  }
  const found = onThisMachine()
  if (found) return found

  const failures: string[] = []
  for (const install of [installPlaywrights, installDebians]) {
    try {
      await install()
      const installed = onThisMachine()
      if (installed) return installed
    } catch (error) {
      failures.push(String((error as Error).message).split('\n')[0] ?? '')
    }
  }
  throw new Error(
    [
      'The browser tests need a Chromium and found none.',
      'Install Chrome, Chromium or Edge, or say where one is: CHROMIUM_PATH=/path/to/chrome npm test',
      ...failures.map((failure) => `  | ${failure}`),
    ].join('\n'),
  )
}

function onThisMachine(): string | undefined {
  return candidates().find(existsSync)
}

function candidates(): string[] {
  const { env, platform } = process
  const playwrights = chromium.executablePath()
  if (platform === 'darwin')
    return [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
      playwrights,
    ]
  if (platform === 'win32') {
    const folders = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(
      (f) => f !== undefined,
    )
    const programs = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe']
    return [...folders.flatMap((folder) => programs.map((program) => join(folder, program))), playwrights]
  }
  // The first has no window to draw, and so is the quickest.
  const names = [
    'chromium-headless-shell',
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
    'microsoft-edge',
  ]
  const folders = (env.PATH ?? '').split(delimiter)
  return [...names.flatMap((name) => folders.map((folder) => join(folder, name))), playwrights]
}

async function installPlaywrights() {
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js')
  console.log('No Chromium on this machine: installing one for the browser tests …')
  await run(process.execPath, [cli, 'install', 'chromium'], { timeout: installTimeout })
}

async function installDebians() {
  // Not every release has the one without windows.
  await installDebian('chromium-headless-shell').catch(() => installDebian('chromium'))
}
