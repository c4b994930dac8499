import { type Catalogue, Entities } from './catalogue.ts'
import type { NamespaceDescription } from './engine/description.ts'
import type { MessageFormat } from './engine/distribution.ts'
import type { Entity } from './engine/entities.ts'
import { checkDeclaredTargets } from './engine/forwarding.ts'
import type { Journal, Restored } from './engine/journal.ts'
import { Namespace } from './engine/namespace.ts'
import { resetNamespace } from './engine/reset.ts'

/** Timers stand still while a computer sleeps, and know nothing of a clock that is set: who waits looks up so often. */
const longestSleep = 30_000

/** Keeps what the queues report. */
export interface Store {
  readonly journal: Journal
  readonly catalogue: Catalogue
  restore(): ReadonlyMap<string, Restored>
  /** Calls back once everything reported so far is kept. */
  afterCommit(callback: () => void): void
  close(): void
}

/** Gets told what happens in one queue. */
export interface QueueObserver {
  ready(sessionId: string | undefined): void
  sessionLost(token: string): void
  /** Whether somebody receives from the queue. */
  isInUse(): boolean
}

/** The namespace in real time: it has the clock, the timers and the store that the engine does without. */
export class Broker {
  readonly namespace: Namespace
  /** A fault to try: each message that is sent comes in twice. */
  isDoubling = false
  readonly #store: Store
  readonly #entities: Entities
  readonly #observers = new Map<string, QueueObserver>()
  readonly #changeListeners = new Set<(entity: Entity) => void>()
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #closed = false

  constructor(description: NamespaceDescription, store: Store, format: MessageFormat) {
    checkDeclaredTargets(description)
    this.#store = store
    this.#entities = new Entities(description, store.catalogue)
    this.namespace = new Namespace(this.#entities.start(), this.now(), {
      journal: store.journal,
      restored: store.restore(),
      format,
      listen: (path) => ({
        onReady: (sessionId) => this.#observers.get(path)?.ready(sessionId),
        onDeadline: (at) => this.#wakeAt(at),
        onSessionLost: (token) => this.#observers.get(path)?.sessionLost(token),
      }),
      entities: {
        onChanged: (entity) => {
          this.#entities.changed(entity)
          this.#tell(entity)
        },
        onRemoved: (entity) => {
          this.#entities.removed(entity)
          this.#observers.delete(entity.path)
          this.#tell(entity)
        },
      },
      isInUse: (path) => this.#observers.get(path)?.isInUse() ?? false,
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

  /** Calls back when an entity was changed, disabled or deleted; `namespace.find` says which. */
  onEntityChange(listener: (entity: Entity) => void): void {
    this.#changeListeners.add(listener)
  }

  #tell(entity: Entity): void {
    for (const listener of this.#changeListeners) listener(entity)
  }

  /** Everything out: all messages go, and the entities are again what the configuration declares. */
  reset(): void {
    resetNamespace(this.namespace, this.#entities.declaration, this.now())
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
    this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(0, at - this.now()), longestSleep))
    this.#timer.unref()
  }

  #wake(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#wakeAt(this.namespace.advance(this.now()))
  }
}
