/** What the local Functions host knows of its functions; it answers on loopback. */
import { setTimeout as wait } from 'node:timers/promises'
import { HttpError } from '../http/errors.ts'

export interface FunctionState {
  name: string
  /** `httpTrigger`, `timerTrigger`, `serviceBusTrigger`. */
  trigger: string
  isDisabled: boolean
  /** Receives no messages: a fault. */
  isPaused: boolean
  /** Since the host started. */
  invocations: number
  /** Those that threw, or answered with a 5xx. */
  failures: number
  running: number
  /** Milliseconds: of the first invocation, which is a cold start, of the last, and on average. */
  first: number | null
  last: number | null
  mean: number | null
  /** When the last invocation began, ISO 8601. */
  lastBegan: string | null
  /** Of timers. */
  lastRun?: string | null
  nextRun?: string | null
}

/** How a run that was asked for went. */
export interface Run {
  isFailed: boolean
  milliseconds: number | null
}

/** How long a run that was asked for is waited for, in milliseconds. */
const patience = 30_000

export class HostReader {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async functions(): Promise<FunctionState[]> {
    return (await (await this.#ask('/admin/local/functions')).json()) as FunctionState[]
  }

  /** Runs a timer's function now, and waits for its end. @throws {HttpError} 404, 409, 503, 504. */
  async run(name: string): Promise<Run> {
    const before = await this.#timer(name)
    if (before.isDisabled) throw new HttpError(409, `The timer "${name}" is disabled.`)
    await this.#ask(`/admin/functions/${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    const deadline = Date.now() + patience
    while (Date.now() < deadline) {
      const { invocations, failures, last } = await this.#timer(name)
      if (invocations !== before.invocations)
        return { isFailed: failures > before.failures, milliseconds: last }
      await wait(100)
    }
    throw new HttpError(504, `"${name}" still runs after ${patience / 1000} s.`)
  }

  async #timer(name: string): Promise<FunctionState> {
    const timer = (await this.functions()).find((fn) => fn.name === name && fn.trigger === 'timerTrigger')
    if (!timer) throw new HttpError(404, `There is no timer "${name}".`)
    return timer
  }

  async #ask(path: string, init?: RequestInit): Promise<Response> {
    try {
      const answer = await fetch(this.#url + path, { ...init, signal: AbortSignal.timeout(5_000) })
      if (answer.ok) return answer
    } catch {}
    throw new HttpError(503, 'The Functions host does not answer; it may be starting.')
  }
}
