/**
 * Loads the app again when its files change: a new process takes over the port and the triggers, then the old one lets
 * its work end. An app that does not start leaves the one before it serving; one that ends is started again.
 */
import cluster, { type Worker } from 'node:cluster'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { disturbanceVariable } from './disturbance.ts'
import { limitRestarts } from './restarts.ts'
import { onStopSignals } from './stopSignals.ts'
import { watchFiles } from './watchFiles.ts'

/** How long a process may take to end, in milliseconds: longer than the host lets invocations run on. */
const endLimit = 13_000

/** How long one that does not serve yet may take. */
const startingEndLimit = 1_000

export interface WatchOptions {
  appRoot: string
  /** The arguments of the command (`cli.mjs`) that runs the app in each process; `--watch` is among them. */
  args: string[]
  /** Environment beside this process's own, asked for at each load. */
  environment?: () => Record<string, string>
}

/** Runs the app until it is told to stop, in processes that replace one another. */
export async function watchApp({ appRoot, args, environment }: WatchOptions): Promise<void> {
  // The processes share the port: this one owns it and hands connections on. What this one was told to load before
  // its program (`--import`) is not for them.
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('cli.mjs', import.meta.url)),
    args,
    execArgv: ['--no-deprecation'],
  })
  let serving: Worker | undefined
  let starting: Worker | undefined
  let stopping = false
  let mayRestart = limitRestarts()
  let disturbance: object = JSON.parse(process.env[disturbanceVariable] ?? '{}')

  // A fault to try is for the app that serves, and for each that takes its place.
  process.on('message', (message: { disturb?: object }) => {
    if (!message.disturb) return
    disturbance = message.disturb
    for (const worker of [serving, starting]) if (worker?.isConnected()) worker.send(message)
  })

  /** Starts a process with the app as it is now. One that is still starting has been overtaken, and may hang. */
  function load() {
    const began = performance.now()
    if (starting) void end(starting, 'stop', startingEndLimit)
    starting = undefined
    let next: Worker
    try {
      next = cluster.fork({ ...environment?.(), [disturbanceVariable]: JSON.stringify(disturbance) })
    } catch (error) {
      console.error((error as Error).message)
      notStarted()
      return
    }
    starting = next
    next.on('message', (message) => {
      if (message !== 'serving' || next !== starting) return
      starting = undefined
      const previous = serving
      serving = next
      if (previous) retire(previous, began)
    })
    next.once('exit', (code, signal) => {
      if (stopping) return
      if (next === starting) {
        starting = undefined
        notStarted()
      } else if (next === serving) {
        serving = undefined
        if (!starting) restart(signal ? `by ${signal}` : `with code ${code}`)
      }
    })
  }

  function notStarted() {
    console.error(
      `The app did not start; ${serving ? 'the one before it keeps serving' : 'it is tried again when its files change'}.`,
    )
  }

  function restart(how: string) {
    const again = mayRestart()
    console.error(
      `The app has ended ${how}; it is started again${again ? '' : ' when its files change, for it keeps ending'}.`,
    )
    if (again) load()
  }

  function retire(worker: Worker, began: number) {
    worker.on('message', (message) => {
      if (message === 'retired') console.log(`Reloaded in ${Math.round(performance.now() - began)} ms.`)
    })
    void end(worker, 'retire', endLimit)
  }

  const watcher = await watchFiles(resolve(appRoot), () => {
    if (stopping) return
    mayRestart = limitRestarts()
    load()
  })
  load()

  const workers = () => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
  onStopSignals(
    async () => {
      stopping = true
      watcher.close()
      await Promise.all(
        workers().map((worker) => end(worker, 'stop', worker === starting ? startingEndLimit : endLimit)),
      )
      process.exit(0)
    },
    () => {
      for (const worker of workers()) worker.process.kill('SIGKILL')
      process.exit(1)
    },
  )
}

/** Tells a process to end, and ends it by force when it has not done so after `limit` milliseconds. */
function end(worker: Worker, wish: 'stop' | 'retire', limit: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => worker.process.kill('SIGKILL'), limit)
    worker.once('exit', () => {
      clearTimeout(force)
      resolve()
    })
    if (worker.isConnected()) worker.send(wish)
  })
}
