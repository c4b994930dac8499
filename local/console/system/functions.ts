/** What the local Functions host knows of its functions; it answers on loopback. */
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
  failures: number
  running: number
  /** Milliseconds: of the first invocation, which is a cold start, of the last, and on average. */
  first: number | null
  last: number | null
  mean: number | null
  /** Of timers. */
  lastRun?: string | null
  nextRun?: string | null
}

export class HostReader {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async functions(): Promise<FunctionState[]> {
    return (await (await this.#ask('/admin/local/functions')).json()) as FunctionState[]
  }

  /** Runs a timer's function now. */
  async run(name: string): Promise<void> {
    const timer = (await this.functions()).find((fn) => fn.name === name && fn.trigger === 'timerTrigger')
    if (!timer) throw new HttpError(404, `There is no timer "${name}".`)
    await this.#ask(`/admin/functions/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
  }

  async #ask(path: string, init?: RequestInit): Promise<Response> {
    try {
      const answer = await fetch(this.#url + path, { ...init, signal: AbortSignal.timeout(5_000) })
      if (answer.ok) return answer
    } catch {}
    throw new HttpError(503, 'The Functions host does not answer; it may be starting.')
  }
}
