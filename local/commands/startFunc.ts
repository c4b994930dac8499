/**
 * `npm run start:func`: the local cloud with the real Functions host, `func start`, in the place of ours. App, host.json
 * and settings are the same; what is on other ports than usual (`-- --any-ports`) reaches the host through the
 * environment. With `-- --inspect` a debugger can attach to the app, at the address that `.vscode/launch.json` has.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { buildIfStale } from '../cloud/builds.ts'
import { type LocalCloud, type LocalCloudEvent, startLocalCloud } from '../cloud/cloud.ts'
import { fixedPorts } from '../cloud/ports.ts'
import { root } from '../root.ts'
import { findFunc, NoCoreToolsError } from './coreTools.ts'
import { onEnding } from './endings.ts'
import { endText, readyText } from './eventText.ts'
import { refuseTakenByNpm } from './npmOptions.ts'

const options = { 'any-ports': { type: 'boolean' }, inspect: { type: 'boolean' } } as const
refuseTakenByNpm('npm run start:func', Object.keys(options))
const { values } = parseArgs({ options })
/** How the real host is told to run its Node.js worker with a debugger's port. */
const inspection = { languageWorkers__node__arguments: '--inspect=127.0.0.1:9229' }
let cloud: LocalCloud | undefined
let func: ChildProcess | undefined
let stopping = false

async function stop(code: number) {
  if (stopping) return
  stopping = true
  if (func && func.exitCode === null && func.signalCode === null) {
    const ended = new Promise((resolve) => func?.once('exit', resolve))
    func.kill('SIGINT')
    await ended
  }
  await cloud?.stop()
  process.exit(code)
}
onEnding((code) => void stop(code))

try {
  const program = await findFunc(console.log)
  const settingsFile = join(root, 'local.settings.json')
  // Without this file `func` asks for the language of the app.
  if (!existsSync(settingsFile)) copyFileSync(join(root, 'local.settings.sample.json'), settingsFile)
  await Promise.all((['functions', 'web-store', 'web-admin'] as const).map(buildIfStale))
  cloud = await startLocalCloud({
    parts: ['service-bus', 'cosmos', 'blob'],
    ports: values['any-ports'] ? {} : fixedPorts,
    ownSettingsFile: true,
    onEvent: show,
  })
  console.log(`\nStarting ${program} …\n`)
  func = spawn(program, ['start', '--port', String(cloud.ports.api)], {
    cwd: root,
    env: { ...process.env, ...cloud.settings, ...(values.inspect ? inspection : {}) },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: program.endsWith('.cmd'),
    // Ctrl+C in the terminal reaches this process only, which then ends all in good order.
    detached: process.platform !== 'win32',
  })
  func.once('error', (error) => {
    console.error(error.message)
    void stop(1)
  })
  func.once('exit', (code) => {
    if (!stopping) console.error(`func start ended with code ${code}.`)
    void stop(code ?? 1)
  })
  // The web apps' emulator gives up on an API that takes its time, as `func` does.
  await untilAnswered(`${cloud.urls.api}/api/health`)
  await Promise.all([cloud.start('store'), cloud.start('admin')])
  console.log(`\n  Store   ${cloud.urls.store}\n  Admin   ${cloud.urls.admin}`)
  console.log('  Console none: the real host takes no faults and counts no runs for it; npm start has one\n')
} catch (error) {
  const known = error instanceof NoCoreToolsError
  console.error(`\n${known ? error.message : error instanceof Error ? error.stack : error}`)
  await stop(1)
}

/** Waits, however long, until something answers there; the end of `func` ends this process before. */
async function untilAnswered(url: string) {
  while (!(await fetch(url).catch(() => undefined))) await wait(250)
}

function show(event: LocalCloudEvent) {
  if (event.type === 'ready') console.log(readyText(event))
  if (event.type === 'ended' && !stopping) console.error(endText(event))
}
