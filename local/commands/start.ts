/** `npm start`: runs the local cloud until it is told to stop. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type LocalCloud, type LocalCloudEvent, startLocalCloud } from '../cloud/cloud.ts'
import { openData, usualDataFolder } from '../cloud/data.ts'
import { fixedPorts, type Ports, PortsTakenError, serverNames, servers } from '../cloud/ports.ts'
import { partNames } from '../cloud/programs.ts'
import { onEnding } from './endings.ts'
import { endText, readyText } from './eventText.ts'
import { refuseTakenByNpm } from './npmOptions.ts'

const usage = `npm start [-- OPTION…]

${serverNames.map((name) => `  --${`${name}-port N`.padEnd(26)}port of: ${servers[name].title} (${servers[name].port})`).join('\n')}
  --any-ports                 any free port for those that are not given
  --data FOLDER               keep orders, messages, pictures and timers there (.local/data)
  --fresh                     begin anew: what was kept is deleted
  --in-memory                 keep nothing
  --ai                        a stand-in for the models, which makes texts and pictures without any
  --verbose                   show what every part writes, not the Functions host alone

Variables of the environment that have the name of an app setting come before the settings file. With all output in a
file, as under nohup, it outlives the terminal that started it.
`

const values = readArguments()

const begin = performance.now()
let cloud: LocalCloud | undefined
let stopping = false

/** Stops everything once, however often it is asked to. Parts that are still starting end with this process. */
async function stop(code: number) {
  if (stopping) return
  stopping = true
  await cloud?.stop()
  process.exit(code)
}
onEnding((code) => {
  if (!stopping && code === 0) console.log('Stopping …')
  void stop(code)
})

const dataFolder = values['in-memory'] ? undefined : resolve(values.data ?? usualDataFolder)

try {
  const data = dataFolder === undefined ? undefined : openData(dataFolder, { fresh: values.fresh ?? false })
  if (data?.setAside)
    console.log(`What another version kept does not fit this one; it is set aside in ${data.setAside}.`)
  cloud = await startLocalCloud({
    parts: partNames.filter((name) => name !== 'openai' || values.ai),
    ports: portsOf(),
    ownSettingsFile: true,
    ...(dataFolder === undefined ? {} : { dataFolder }),
    onEvent: show,
  })
  const { urls } = cloud
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(`\nThe local cloud runs (started in ${seconds} s; Ctrl+C stops it).\n`)
  console.log(
    `  Store   ${urls.store}\n  Admin   ${urls.admin}   (sign in with any name and the role "admin")`,
  )
  console.log(`  API     ${urls.api}/api/health`)
  console.log(`  Console ${urls.console}   (what happens inside, and faults to try)`)
  console.log(`  Data    ${dataFolder ?? 'in memory only'}${data?.isKept ? ', with what was kept' : ''}\n`)
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`)
  if (error instanceof PortsTakenError) {
    const flags = error.taken.map(([name, port]) => `--${name}-port ${port + 10}`).join(' ')
    console.error(`Free it, or choose another: npm start -- ${flags}`)
    console.error('Or any free ports: npm start -- --any-ports')
  }
  process.exit(1)
}

function readArguments() {
  const options = {
    ...Object.fromEntries(serverNames.map((name) => [`${name}-port`, { type: 'string' as const }])),
    'any-ports': { type: 'boolean' },
    data: { type: 'string' },
    fresh: { type: 'boolean' },
    'in-memory': { type: 'boolean' },
    ai: { type: 'boolean' },
    verbose: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const
  refuseTakenByNpm('npm start', Object.keys(options))
  try {
    const { values } = parseArgs({ options })
    if (!values.help) return values
    console.log(usage)
    process.exit(0)
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`)
    process.exit(1)
  }
}

function show(event: LocalCloudEvent) {
  if (event.type === 'built') console.log(`  built ${event.name} in ${event.seconds.toFixed(1)} s`)
  if (event.type === 'ready') console.log(readyText(event))
  if (event.type === 'line' && values.verbose) console.log(`[${event.part}] ${event.line}`)
  else if (event.type === 'line' && event.part === 'host' && isWorthShowing(event.line))
    console.log(event.line)
  if (event.type === 'ended' && !stopping) console.error(endText(event, dataFolder !== undefined))
}

/** Of the host's lines: until everything runs only what is wrong, then what the app says and what fails. */
function isWorthShowing(line: string) {
  return cloud ? !/ (Executing \(Reason=|Executed \(Succeeded)/.test(line) : /\b(warning|error)\b/i.test(line)
}

function portsOf(): Partial<Ports> {
  const given: Partial<Ports> = values['any-ports'] ? {} : { ...fixedPorts }
  if (!values.ai) delete given.openai
  for (const name of serverNames) {
    const value = (values as Record<string, string | undefined>)[`${name}-port`]
    if (value === undefined) continue
    const port = Number(value)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      console.error(`--${name}-port takes a number from 0 (any free port) to 65535, not "${value}".`)
      process.exit(1)
    }
    given[name] = port
  }
  return given
}
