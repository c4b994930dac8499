/**
 * `npm run dev`: the local cloud for those who change its code. The function app is bundled again at every change and
 * served by a new process of the host; the web apps come from Vite, which replaces modules in the open page.
 */
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type LocalCloud, type LocalCloudEvent, startLocalCloud } from '../cloud/cloud.ts'
import { type Part, startPart } from '../cloud/part.ts'
import { choosePorts, fixedPorts } from '../cloud/ports.ts'
import { partNames } from '../cloud/programs.ts'
import { root } from '../root.ts'
import { onEnding } from './endings.ts'
import { endText, readyText } from './eventText.ts'
import { refuseTakenByNpm } from './npmOptions.ts'
import { watchFunctions } from './watchFunctions.ts'

const usage = `npm run dev [-- OPTION…]

  --any-ports   any free ports, not those of npm start
  --no-types    do not check types in the background
  --ai          a stand-in for the models, which makes texts and pictures without any
`

const options = {
  'any-ports': { type: 'boolean' },
  'no-types': { type: 'boolean' },
  ai: { type: 'boolean' },
  help: { type: 'boolean' },
} as const
refuseTakenByNpm('npm run dev', Object.keys(options))
const { values } = parseArgs({ options })
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const webApps = ['store', 'admin'] as const
const ends: (() => unknown)[] = []
let stopping = false

/** Stops everything once, what was started last first. */
async function stop(code: number) {
  if (stopping) return
  stopping = true
  for (const end of ends.reverse()) await end()
  process.exit(code)
}
onEnding((code) => void stop(code))

const begin = performance.now()
try {
  const ports = await choosePorts(values['any-ports'] ? {} : fixedPorts)
  const functions = await watchFunctions(console.log)
  ends.push(functions.stop)
  const [store, admin] = await Promise.all(webApps.map(startVite))
  const cloud: LocalCloud = await startLocalCloud({
    parts: partNames.filter((name) => name !== 'openai' || values.ai),
    ports,
    ownSettingsFile: true,
    watchApp: true,
    devServers: { ...(store && { store }), ...(admin && { admin }) },
    onEvent: show,
  })
  ends.push(cloud.stop)
  if (!values['no-types']) checkTypes()
  const { urls } = cloud
  console.log(
    `\nReady for changes (started in ${((performance.now() - begin) / 1000).toFixed(1)} s; Ctrl+C stops it).\n`,
  )
  console.log(
    `  Store   ${urls.store}\n  Admin   ${urls.admin}   (sign in with any name and the role "admin")`,
  )
  console.log(`  API     ${urls.api}/api/health`)
  console.log(`  Console ${urls.console}   (what happens inside, and faults to try)\n`)
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`)
  await stop(1)
}

/** Starts a web app's development server; answers its address. */
async function startVite(name: (typeof webApps)[number]): Promise<string> {
  // One of the ports that nothing else of the local cloud uses.
  const { api: port } = await choosePorts({})
  const part: Part = await startPart({
    title: `Vite (${name})`,
    script: join(root, 'node_modules/vite/bin/vite.js'),
    args: [
      join(root, `web-${name}`),
      '--port',
      String(port),
      '--strictPort',
      '--host',
      'localhost',
      '--clearScreen',
      'false',
    ],
    port,
    onLine: (line) => void (/error|hmr/i.test(line) && console.log(`[${name}] ${line}`)),
    onFailure: (error) => console.error(error.message),
  })
  ends.push(part.stop)
  return `http://localhost:${port}`
}

/** Checks the types of the whole repository at every change; faults are shown, and hold nothing up. */
function checkTypes() {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const child = spawn(
    process.execPath,
    [compiler, '--noEmit', '--watch', '--preserveWatchOutput', '-p', root],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  // What serves the change comes first.
  if (child.pid) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  ends.push(() => child.kill())
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (/error TS\d+/.test(line)) console.log(`[types] ${line}`)
    const found = /Found (\d+) error/.exec(line)?.[1]
    if (found && found !== '0') console.log(`[types] ${found} in all; what compiles is served all the same.`)
  })
}

function show(event: LocalCloudEvent) {
  if (event.type === 'ready') console.log(readyText(event))
  if (event.type === 'line' && event.part === 'host') console.log(event.line)
  if (event.type === 'ended' && !stopping) console.error(endText(event))
}
