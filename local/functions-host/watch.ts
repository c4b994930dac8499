/**
 * Loads the app again when its files change: a new process takes over the port and the triggers, then the old one lets
 * its work end. An app that does not start leaves the one before it serving.
 */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { type FSWatcher, watch } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FunctionsHostOptions } from './index.ts'

/** How long files must have been quiet before the app is loaded again, in milliseconds: a build writes several. */
const quiet = 30

const loadedFiles = /(\.(c|m)?js|\.json)$/

/** Runs the app of `options` until it is told to stop, in processes that replace one another. */
export async function watchApp({ appRoot }: FunctionsHostOptions): Promise<void> {
  // The processes share the port: this one owns it and hands connections on. What this one was told to load before
  // its program (`--import`) is not for them.
  cluster.setupPrimary({ args: process.argv.slice(2), execArgv: ['--no-deprecation'] })
  let current: Worker | undefined
  let changed = false
  let busy = false
  let stopping = false

  async function replace() {
    if (busy) {
      changed = true
      return
    }
    busy = true
    do {
      changed = false
      const started = performance.now()
      const next = cluster.fork()
      const serving = await isServing(next)
      if (!serving) {
        if (current) console.error('The app did not start; the one before it keeps serving.')
        continue
      }
      if (current) console.log(`Reloaded in ${Math.round(performance.now() - started)} ms.`)
      const previous = current
      current = next
      if (previous?.isConnected()) previous.send('retire')
      next.on('exit', () => {
        if (current === next && !stopping) {
          console.error('The app has ended; it starts again with the next change of its files.')
          current = undefined
        }
      })
    } while (changed && !stopping)
    busy = false
  }

  const watchers = await watchFiles(resolve(appRoot), () => void replace())
  await replace()
  if (!current) console.error('The app did not start; it is tried again when its files change.')

  async function stop() {
    if (stopping) return
    stopping = true
    for (const watcher of watchers) watcher.close()
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    await Promise.all(
      workers.map(async (worker) => {
        const ended = once(worker, 'exit')
        if (worker.isConnected()) worker.send('stop')
        await ended
      }),
    )
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('message', (message) => void (message === 'stop' && stop()))
  if (process.connected) process.on('disconnect', stop)
}

/** Whether a process gets as far as to serve. */
async function isServing(worker: Worker): Promise<boolean> {
  return new Promise((resolve) => {
    worker.on('message', (message) => {
      if (message === 'serving') resolve(true)
    })
    worker.once('exit', () => resolve(false))
  })
}

/** Calls `onChange` when an entry file of the app, one beside it, or the app's configuration changes. */
async function watchFiles(appRoot: string, onChange: () => void): Promise<FSWatcher[]> {
  let latest = 0
  const changed = async () => {
    const mine = ++latest
    await delay(quiet)
    if (mine === latest) onChange()
  }
  const { main } = JSON.parse(await readFile(join(appRoot, 'package.json'), 'utf8')) as { main?: string }
  const folders = new Set<string>()
  if (main) {
    for await (const file of glob(main, { cwd: appRoot })) folders.add(dirname(join(appRoot, file)))
  }
  const configuration = new Set(['host.json', 'local.settings.json', 'package.json'])
  return [
    watch(appRoot, (_, name) => void (name && configuration.has(name) && changed())),
    ...[...folders].map((folder) =>
      watch(folder, (_, name) => void (name && loadedFiles.test(name) && changed())),
    ),
  ]
}
