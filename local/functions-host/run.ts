/** What the command `local-functions-host` does; see `cli.mjs`. */
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { disturbanceVariable } from './disturbance.ts'
import { type FunctionsHost, type FunctionsHostOptions, HostStartError, startFunctionsHost } from './index.ts'
import { onStopSignals } from './stopSignals.ts'

/** How long a host that was replaced still serves connections that it had, in milliseconds. */
const retirement = 2_000

/** How long a start that is under way may go on once the host is to stop, in milliseconds. */
const startLimit = 500

const usage = `Usage: local-functions-host [--app-root FOLDER] [--port PORT] [--host ADDRESS] [--enableAuth] [--watch]`

async function serve(): Promise<void> {
  const { watch, ...options } = readOptions()
  if (watch) {
    const { default: cluster } = await import('node:cluster')
    if (cluster.isPrimary) {
      const { watchApp } = await import('./watch.ts')
      await watchApp({ appRoot: options.appRoot, args: process.argv.slice(2) })
      return
    }
  }
  const starting = startFunctionsHost({ ...options, paused: disturbanceAtStart().paused ?? [] })
  let stopping = false
  const stop = async (linger = 0) => {
    if (stopping) return
    stopping = true
    const host = await Promise.race([starting.catch(() => undefined), delay(startLimit)])
    const closed = host?.close({ linger })
    if (linger) process.send?.('retired')
    await closed
    process.exit(0)
  }
  onStopSignals(stop, () => process.exit(1))
  process.on('message', (message) => void (message === 'retire' && stop(retirement)))
  // A fault to try, which the process that started this one has asked for.
  process.on('message', async (message: { disturb?: Disturbance }) => {
    if (message.disturb) await (await starting).pause(message.disturb.paused ?? [])
  })

  const host = await starting
  if (stopping) return
  process.stdout.write(functionList(host))
  if (host.keys)
    process.stdout.write(`Master key: ${host.keys.masterKey}\nDefault key: ${host.keys.defaultKey}\n\n`)
  process.stdout.write(`Functions host listening on ${host.url}\n`)
  process.send?.('serving')
}

/** A fault to try. */
interface Disturbance {
  /** Functions that receive no messages. */
  paused?: string[]
}

/** What the process that started this one wants to go wrong from the start on. */
const disturbanceAtStart = (): Disturbance => JSON.parse(process.env[disturbanceVariable] ?? '{}')

function readOptions(): FunctionsHostOptions & { watch: boolean } {
  const { values } = parseArgs({
    options: {
      'app-root': { type: 'string', default: '.' },
      port: { type: 'string' },
      host: { type: 'string' },
      enableAuth: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new HostStartError(`--port must be a number from 0 to 65535, not "${values.port}".`)
  }
  return {
    appRoot: values['app-root'],
    enableAuth: values.enableAuth,
    watch: values.watch,
    ...(port !== undefined && { port }),
    ...(values.host !== undefined && { host: values.host }),
  }
}

/** The list that users of `func start` know. */
function functionList({ functions }: FunctionsHost): string {
  const line = ({ name, trigger, methods, url, disabled }: FunctionsHost['functions'][number]) =>
    disabled ? `${name}: disabled` : url ? `${name}: [${methods?.join(',')}] ${url}` : `${name}: ${trigger}`
  const ordered = [...functions].sort(
    (a, b) => Number(!a.url) - Number(!b.url) || a.name.localeCompare(b.name),
  )
  return `\nFunctions:\n\n${ordered.map((fn) => `\t${line(fn)}\n\n`).join('')}`
}

/** Runs the command; a fault that keeps it from starting ends the process with code 1. */
export async function run(): Promise<void> {
  try {
    await serve()
  } catch (error) {
    const known = error instanceof HostStartError || (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    process.stderr.write(`${known ? (error as Error).message : (error as Error).stack}\n`)
    process.exit(1)
  }
}
