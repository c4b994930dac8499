import type { NamespaceDescription } from './engine/description.ts'
import type { FilterableProperties } from './engine/filters.ts'
import type { Journal, Restored } from './engine/journal.ts'
import { Namespace } from './engine/namespace.ts'

/** Keeps what the queues report. */
export interface Store {
  readonly journal: Journal
  restore(): ReadonlyMap<string, Restored>
  /** Calls back once everything reported so far is kept. */
  afterCommit(callback: () => void): void
  close(): void
}

/** Gets told what happens in one queue. */
export interface QueueObserver {
  ready(sessionId: string | undefined): void
  sessionLost(token: string): void
}

/** `setTimeout` holds 31 bits of milliseconds. */
const longestTimeout = 2 ** 31 - 1

/** The namespace in real time: it has the clock, the timers and the store that the engine does without. */
export class Broker {
  readonly namespace: Namespace
  readonly #store: Store
  readonly #observers = new Map<string, QueueObserver>()
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #closed = false

  constructor(
    description: NamespaceDescription,
    store: Store,
    properties: (encoded: Uint8Array) => FilterableProperties,
  ) {
    this.#store = store
    this.namespace = new Namespace(description, this.now(), {
      journal: store.journal,
      restored: store.restore(),
      properties,
      listen: (path) => ({
        onReady: (sessionId) => this.#observers.get(path)?.ready(sessionId),
        onDeadline: (at) => this.#wakeAt(at),
        onSessionLost: (token) => this.#observers.get(path)?.sessionLost(token),
      }),
    })
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now()
  }

  /** Calls back once everything that has happened is as durable as the broker makes it: the moment to acknowledge. */
  afterCommit(callback: () => void): void {
    this.#store.afterCommit(callback)
  }

  observe(path: string, observer: QueueObserver): void {
    this.#observers.set(path, observer)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#store.close()
  }

  #wakeAt(at: number): void {
    if (at >= this.#timerAt || this.#closed) return
    this.#timerAt = at
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(0, at - this.now()), longestTimeout))
    this.#timer.unref()
  }

  #wake(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#wakeAt(this.namespace.advance(this.now()))
  }
}
