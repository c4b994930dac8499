/** The receivers of an app's queue functions, each of which can be paused while the host goes on. */
import type { HostFunction } from '../functions.ts'
import type { RunningReceiver } from './serviceBusTrigger.ts'

export class Receivers {
  readonly #create: (fn: HostFunction) => { start(): Promise<RunningReceiver> }
  readonly #ready: Map<HostFunction, { start(): Promise<RunningReceiver> }>
  readonly #running = new Map<HostFunction, RunningReceiver>()
  #changes: Promise<void> = Promise.resolve()
  #stopped = false

  /** @throws {HostStartError} when one of them cannot be. */
  constructor(
    functions: HostFunction[],
    create: (fn: HostFunction) => { start(): Promise<RunningReceiver> },
  ) {
    this.#create = create
    this.#ready = new Map(functions.map((fn) => [fn, create(fn)]))
  }

  /** `paused`: functions that receive no messages until they are told otherwise. */
  async start(paused: readonly string[] = []): Promise<void> {
    for (const [fn, receiver] of this.#ready)
      if (!paused.includes(fn.name)) this.#running.set(fn, await receiver.start())
  }

  isPaused = (fn: HostFunction): boolean => this.#ready.has(fn) && !this.#running.has(fn)

  /** Has these functions receive nothing, and all others receive. Resolves once the messages at hand are settled. */
  pause(names: readonly string[]): Promise<void> {
    this.#changes = this.#changes.then(async () => {
      for (const fn of this.#ready.keys()) {
        const running = this.#running.get(fn)
        const shall = !names.includes(fn.name) && !this.#stopped
        if (running && !shall) {
          await running.stop()
          this.#running.delete(fn)
        } else if (!running && shall) this.#running.set(fn, await this.#create(fn).start())
      }
    })
    return this.#changes
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#changes.catch(() => {})
    await Promise.all([...this.#running.values()].map((receiver) => receiver.stop()))
  }
}
