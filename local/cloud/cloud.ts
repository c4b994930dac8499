/**
 * The local cloud: everything that the function app and the web apps talk to, as real servers on loopback, each in a
 * process of its own. `npm start` runs it on the ports that people know, tests on any free ones.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type BuildName, buildIfStale } from './builds.ts'
import {
  type Answer,
  type Disturb,
  disturbanceVariable,
  type PartState,
  type Question,
  type Wish,
} from './childProtocol.ts'
import { type Part, startPart } from './part.ts'
import { choosePorts, type Ports } from './ports.ts'
import { type PartName, type ProgramOptions, partNames, programsOf } from './programs.ts'
import { localSettings, type Settings, standInSettings, telemetrySettings } from './settings.ts'

export interface LocalCloudOptions extends ProgramOptions {
  /** Which parts to run; all but the web apps, the console and the stand-in for the models unless given. */
  parts?: readonly PartName[]
  /** Ports by server; any free one where none is given. */
  ports?: Partial<Ports>
  /** App settings beside those of the settings file, and before them. */
  settings?: Settings
  /** Whether `local.settings.json` counts, where there is one; else the sample alone does. */
  ownSettingsFile?: boolean
  onEvent?: (event: LocalCloudEvent) => void
}

export type LocalCloudEvent =
  /** Something is built from changed sources: the app's bundle or a web app. */
  | { type: 'built'; name: BuildName; seconds: number }
  | { type: 'ready'; part: PartName; title: string; url: string; seconds: number }
  | { type: 'line'; part: PartName; line: string }
  /** A part ended without having been asked to, or could not be started again; it is started again after `seconds`. */
  | { type: 'ended'; part: PartName; error: Error; seconds: number }

export interface LocalCloud {
  readonly ports: Ports
  /** Address of each server, without a slash at the end. */
  readonly urls: Record<
    'store' | 'admin' | 'api' | 'cosmos' | 'blob' | 'serviceBusAdmin' | 'openai' | 'console',
    string
  >
  /** The app's settings: connection strings and all. */
  readonly settings: Settings
  /** Process ids of the parts that run. */
  readonly pids: Partial<Record<PartName, number>>
  /** Starts a part that was stopped or killed, on the same port. */
  start(part: PartName): Promise<void>
  stopPart(part: PartName): Promise<void>
  /** Has something go wrong in a part, also after it is started again; `{}`: nothing. What, is the part's own to say. */
  disturb(part: PartName, how: object): void
  /** Ends a part as a crash would (SIGKILL). */
  kill(part: PartName): Promise<void>
  /** Ends every part; nothing is left. */
  stop(): Promise<void>
}

/**
 * Starts the local cloud; answers when all of it is ready.
 * @throws {PortsTakenError} when a port that was asked for is taken.
 * @throws {Error} naming the part that did not start, with its last output. Nothing is left running then.
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const { parts: wanted = ['host', 'service-bus', 'cosmos', 'blob'], devServers = {}, onEvent } = options
  const ports = await choosePorts(options.ports ?? {})
  const given = { ...(wanted.includes('openai') ? standInSettings(ports) : {}), ...options.settings }
  const telemetry = wanted.includes('console') ? telemetrySettings(ports) : {}
  const settings = {
    ...telemetry,
    ...localSettings(ports, { ownFile: options.ownSettingsFile ?? false }),
    ...given,
  }
  const at = (port: number) => `http://localhost:${port}`
  const urls = {
    store: at(ports.store),
    admin: at(ports.admin),
    api: at(ports.api),
    cosmos: at(ports.cosmos),
    blob: at(ports.blob),
    serviceBusAdmin: at(ports['service-bus-admin']),
    openai: at(ports.openai),
    console: at(ports.console),
  }
  const programs = programsOf(ports, settings, { telemetry, given }, options)
  const running = new Map<PartName, Part>()
  const starts: Promise<void>[] = []
  const stopping = new AbortController()
  const ends = new Map<PartName, number[]>()
  const disturbed = new Map<PartName, object>()
  const states = new Map<PartName, PartState>()

  function start(name: PartName) {
    const started = startNow(name)
    starts.push(started)
    return started
  }

  async function startNow(name: PartName) {
    const begin = performance.now()
    const disturbance = JSON.stringify(disturbed.get(name) ?? {})
    let part: Part | undefined
    part = await startPart({
      ...programs[name],
      // A fault that is on must not end for the moment in which the part is there and has not been told.
      env: { ...programs[name].env, [disturbanceVariable]: disturbance },
      signal: stopping.signal,
      onLine: (line) => onEvent?.({ type: 'line', part: name, line }),
      ...(name === 'console' && { onMessage: (message) => void hear(message as Question) }),
      onFailure: (error) => {
        // One that ends before it is ready is told of by `startPart`.
        if (!part || running.get(name) !== part) return
        running.delete(name)
        // Nobody is left who could undo its faults.
        if (name === 'console') for (const part of disturbed.keys()) disturb(part, {})
        restart(name, error)
      },
    })
    running.set(name, part)
    const { title, url } = programs[name]
    const seconds = secondsSince(begin)
    states.set(name, { name, title, runs: true, starts: (states.get(name)?.starts ?? 0) + 1, seconds })
    const how = disturbed.get(name)
    if (how && JSON.stringify(how) !== disturbance) part.tell({ disturb: how } satisfies Disturb)
    onEvent?.({ type: 'ready', part: name, title, url, seconds })
  }

  function disturb(name: PartName, how: object) {
    disturbed.set(name, how)
    running.get(name)?.tell({ disturb: how } satisfies Disturb)
  }

  /** Does what the console asks, and says so. */
  function hear({ question, wish }: Partial<Question>) {
    if (question === undefined || !wish) return
    const answer = (rest: Omit<Answer, 'answer'>) =>
      running.get('console')?.tell({ answer: question, ...rest })
    try {
      answer({ value: grant(wish) })
    } catch (error) {
      answer({ error: (error as Error).message })
    }
  }

  function grant(wish: Wish): unknown {
    if (wish.ask === 'parts')
      return [...states.values()].map((state) => ({ ...state, runs: running.has(state.name as PartName) }))
    const part = partNames.find((name) => name === wish.part && wanted.includes(name))
    if (!part) throw new Error(`There is no part "${wish.part}".`)
    if (wish.ask === 'disturb') return disturb(part, wish.how)
    // As the system would, so that the supervisor finds it dead and starts it again.
    const pid = running.get(part)?.pid
    if (!pid) throw new Error(`${programs[part].title} is not running; it is being started.`)
    process.kill(pid, 'SIGKILL')
  }

  /** No part may end another, so what has ended is started again: at once, then after ever longer times up to 32 s. */
  async function restart(name: PartName, error: Error) {
    const now = performance.now()
    const lately = (ends.get(name) ?? []).filter((at) => now - at < 60_000)
    ends.set(name, [...lately, now])
    const seconds = lately.length && Math.min(2 ** (lately.length - 1), 32)
    onEvent?.({ type: 'ended', part: name, error, seconds })
    try {
      await wait(seconds * 1000, undefined, { signal: stopping.signal })
      await start(name)
    } catch (failure) {
      if (!stopping.signal.aborted) restart(name, failure as Error)
    }
  }

  async function end(name: PartName, how: 'stop' | 'kill') {
    const part = running.get(name)
    running.delete(name)
    await part?.[how]()
  }

  /** Clients before the servers that they use, so that no part sees another vanish. */
  async function stop() {
    stopping.abort()
    await Promise.allSettled(starts)
    await Promise.all([end('admin', 'stop'), end('store', 'stop')])
    await end('host', 'stop')
    await Promise.all([...running.keys()].map((name) => end(name, 'stop')))
  }

  async function build(name: BuildName) {
    const begin = performance.now()
    if (await buildIfStale(name)) onEvent?.({ type: 'built', name, seconds: secondsSince(begin) })
  }

  const startWanted = async (...names: PartName[]) => {
    await Promise.all(names.filter((name) => wanted.includes(name)).map(start))
  }
  const webApps = (['store', 'admin'] as const).filter((name) => wanted.includes(name))
  const steps = [
    Promise.all([
      startWanted('blob', 'cosmos', 'service-bus', 'openai', 'console'),
      wanted.includes('host') ? build('functions') : undefined,
    ]).then(() => startWanted('host')),
    ...webApps.filter((name) => !devServers[name]).map((name) => build(`web-${name}`)),
    ...(wanted.includes('console') ? [build('console')] : []),
  ]
  try {
    await Promise.all(steps)
    await startWanted(...webApps)
  } catch (error) {
    await stop()
    throw error
  }

  return {
    ports,
    urls,
    settings,
    get pids() {
      return Object.fromEntries([...running].map(([name, { pid }]) => [name, pid]))
    },
    start,
    stopPart: (part) => end(part, 'stop'),
    disturb,
    kill: (part) => end(part, 'kill'),
    stop,
  }
}

const secondsSince = (begin: number) => (performance.now() - begin) / 1000
