import type { Broker } from '../broker.ts'
import type { QueueEntity } from '../engine/namespace.ts'
import type { Consumer, HeldSession } from './consumer.ts'

/** A receiver that waits for the next session that has messages and that nobody holds. */
export interface SessionWaiter {
  accept(session: HeldSession): void
}

/** Hands the messages of one queue to its consumers, each in its turn. */
export class Dispatcher {
  readonly #entity: QueueEntity
  readonly #broker: Broker
  #consumers: Consumer[] = []
  readonly #waiters = new Set<SessionWaiter>()
  #scheduled = false

  constructor(entity: QueueEntity, broker: Broker) {
    this.#entity = entity
    this.#broker = broker
    broker.observe(entity.path, {
      ready: () => this.schedule(),
      sessionLost: (token) => this.#closeLost(token),
      isInUse: () => this.#consumers.length > 0 || this.#waiters.size > 0,
    })
  }

  get entity(): QueueEntity {
    return this.#entity
  }

  add(consumer: Consumer): void {
    this.#consumers.push(consumer)
    this.schedule()
  }

  remove(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((c) => c !== consumer)
    consumer.close()
  }

  wait(waiter: SessionWaiter): void {
    this.#waiters.add(waiter)
    this.schedule()
  }

  stopWaiting(waiter: SessionWaiter): void {
    this.#waiters.delete(waiter)
  }

  /** Delivers what can be delivered, once all connections have been read in the current turn of the event loop. */
  schedule(): void {
    if (this.#scheduled || (this.#consumers.length === 0 && this.#waiters.size === 0)) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#serveWaiters()
      this.#deliver()
    })
  }

  #deliver(): void {
    const consumers = this.#consumers
    for (let served = consumers; served.length > 0; ) served = served.filter((consumer) => consumer.deliver())
    for (const consumer of consumers) consumer.idle()
    // Who was first goes to the end of the line.
    const [first, ...others] = this.#consumers
    if (first !== undefined && others.length > 0) this.#consumers = [...others, first]
  }

  #serveWaiters(): void {
    for (const waiter of this.#waiters) {
      const session = this.#entity.queue.acceptSession(undefined, this.#broker.now())
      if (session === undefined) return
      this.#waiters.delete(waiter)
      waiter.accept(session)
    }
  }

  #closeLost(token: string): void {
    this.#consumers.find((c) => c.session?.token === token)?.loseSession()
  }
}
