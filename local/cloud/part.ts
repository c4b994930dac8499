/** One part of the local cloud: a server in a process of its own, started, watched and ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { childPreload, type Listening, stopMessage } from './childProtocol.ts'

export interface PartOptions {
  /** What people call it, e.g. "Cosmos DB". */
  title: string
  /** The program, a path that Node can run, and its arguments. */
  script: string
  args?: string[]
  /** Environment beside this process's own. */
  env?: Record<string, string>
  /** Whether `env` is all that it gets. */
  onlyEnv?: boolean
  /** What Node loads before the program, by address. */
  preloads?: string[]
  /** Whether it is what a developer debugs: then `NODE_OPTIONS`, by which an editor attaches, is for it, too. */
  debuggable?: boolean
  /** The port that it is to listen on; once it does, it is ready. */
  port: number
  /** The line by which the program says that it is ready, where listening is not enough. */
  ready?: RegExp
  /** Each line that the program writes. */
  onLine?: (line: string) => void
  /** What it tells its supervisor beside what every part does. */
  onMessage?: (message: unknown) => void
  /** The program ended without having been asked to. */
  onFailure?: (error: Error) => void
  /** How long it may take to get ready, in milliseconds. */
  startTimeout?: number
  /** Ends it while it is not ready yet. */
  signal?: AbortSignal
}

export interface Part {
  readonly title: string
  readonly pid: number
  /** Sends it a message; one that has ended misses it. */
  tell(message: object): void
  /** Ends it in an orderly way, with force after fifteen seconds. */
  stop(): Promise<void>
  /** Ends it as a crash would: at once, with nothing tidied. */
  kill(): Promise<void>
}

const tailLength = 25

/** In milliseconds: more than the ten seconds that the Functions host leaves to invocations, and what comes after. */
const stopTimeout = 15_000

/**
 * Starts a part and waits until it is ready.
 * @throws {Error} that names the part and quotes its last output, when it ends or takes too long before it is ready.
 */
export async function startPart(options: PartOptions): Promise<Part> {
  const {
    title,
    script,
    args = [],
    env = {},
    onlyEnv = false,
    preloads = [],
    debuggable = false,
    port,
    ready,
    onLine,
    onMessage,
    onFailure,
    startTimeout = 60_000,
    signal,
  } = options
  signal?.throwIfAborted()
  const { NODE_OPTIONS, ...ownEnv } = process.env
  const nodeOptions = debuggable && NODE_OPTIONS ? { NODE_OPTIONS } : {}
  const imports = [childPreload, ...preloads].flatMap((address) => ['--import', address])
  const child = spawn(process.execPath, ['--no-deprecation', ...imports, script, ...args], {
    env: onlyEnv ? env : { ...ownEnv, ...nodeOptions, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: Ctrl+C in the terminal reaches the supervisor only, which ends the parts in good order.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const tail: string[] = []
  let expected = false
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))

  /** The error for an end that nobody asked for. */
  const failure = (what: string) =>
    new Error([`${title} ${what}`, ...tail.map((line) => `  | ${line}`)].join('\n'))

  const end = async (ask: () => void) => {
    expected = true
    ask()
    const force = setTimeout(() => child.kill('SIGKILL'), stopTimeout)
    await exited
    clearTimeout(force)
  }
  const kill = () => end(() => child.kill('SIGKILL'))

  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(failure(`was not ready after ${startTimeout / 1000} s.`)),
        startTimeout,
      )
      const settle = (error?: Error) => {
        clearTimeout(timer)
        error ? reject(error) : resolve()
      }
      const onOutput = (line: string) => {
        tail.push(line)
        if (tail.length > tailLength) tail.shift()
        onLine?.(line)
        if (ready?.test(line)) settle()
      }
      for (const stream of [child.stdout, child.stderr])
        if (stream) createInterface({ input: stream }).on('line', onOutput)
      child.on('message', (message) => {
        onMessage?.(message)
        if (!ready && (message as Partial<Listening>).listening === port) settle()
      })
      signal?.addEventListener('abort', () => settle(failure('was stopped before it was ready.')))
      child.once('error', (error) => settle(failure(`could not be started: ${error.message}`)))
      child.once('close', (code, signal) => {
        const error = failure(`ended ${signal ? `by ${signal}` : `with code ${code}`}. Its last output:`)
        settle(error)
        if (!expected) onFailure?.(error)
      })
    })
  } catch (error) {
    await kill()
    throw error
  }

  return {
    title,
    pid: child.pid ?? 0,
    tell: (message) => send(child, message),
    stop: () => end(() => send(child, stopMessage)),
    kill,
  }
}

function send(child: ChildProcess, message: string | object) {
  if (child.connected) child.send(message, () => {})
}
