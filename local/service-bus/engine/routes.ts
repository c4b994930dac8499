import { distribute, type MessageFormat } from './distribution.ts'
import type { Entity } from './entities.ts'
import { checkForwards, checkTargets, type Forwarder, passOn } from './forwarding.ts'
import type { Message } from './message.ts'

/** A message that goes from entity to entity at once stops after so many steps, where it is. */
const maxSteps = 32

/** The entities of a namespace, as far as messages go between them. */
export interface Neighbours {
  find(path: string): Entity | undefined
  entities(): Iterable<Entity>
}

/** The ways of messages between the entities of a namespace. */
export class Routes {
  readonly #neighbours: Neighbours
  readonly #format: MessageFormat
  #steps = 0
  /** A message has made too many steps: everything stays where it is until something else happens. */
  #stops = false

  constructor(neighbours: Neighbours, format: MessageFormat) {
    this.#neighbours = neighbours
    this.#format = format
  }

  /** Passes on what waits in an entity whose messages go elsewhere; false when they stay. */
  pump(entity: Entity, now: number): boolean {
    const relay = this.#relay(entity)
    if (relay === undefined) return false
    if (this.#steps === maxSteps) this.#stops = true
    if (this.#stops) return true
    this.#steps++
    try {
      while (!this.#stops) {
        const message = entity.queue.take(now)
        if (message === undefined) break
        relay(message, now)
      }
    } finally {
      this.#steps--
      if (this.#steps === 0) this.#stops = false
    }
    return true
  }

  /** Refuses (`argument-error`) what an entity is to pass its messages on to. */
  check(entity: Entity): void {
    this.#checkTargets(entity)
    // Who forwards to this entity may now forward too often.
    this.#checkWays()
  }

  /** Checks all entities. A target may be missing, when it was deleted in an earlier process. */
  checkAll(): void {
    for (const entity of this.#neighbours.entities()) this.#checkTargets(entity, 'queue')
    this.#checkWays()
  }

  #checkTargets(entity: Entity, missing?: Entity['kind']): void {
    if (entity.kind === 'deadLetterQueue' || entity.kind === 'topic') return
    checkTargets(entity.path, entity.description, (target) => this.#neighbours.find(target)?.kind ?? missing)
  }

  #checkWays(): void {
    for (const { path } of this.#neighbours.entities()) checkForwards(path, (at) => this.#forwarder(at))
  }

  #forwarder(path: string): Forwarder | undefined {
    const entity = this.#neighbours.find(path)
    if (entity === undefined) return undefined
    if (entity.kind === 'topic') return { path: entity.path, next: entity.subscriptions.map((s) => s.path) }
    const { forwardTo } = entity.description
    return { path: entity.path, next: forwardTo && entity.kind !== 'deadLetterQueue' ? [forwardTo] : [] }
  }

  /** Where the messages of an entity go; undefined when they stay in it. */
  #relay(entity: Entity): ((message: Message, now: number) => void) | undefined {
    if (entity.kind === 'topic') {
      return (message, now) => distribute(message, entity.subscriptions, this.#format, now)
    }
    const { forwardTo, forwardDeadLetteredMessagesTo } = entity.description
    const path = entity.kind === 'deadLetterQueue' ? forwardDeadLetteredMessagesTo : forwardTo
    return path ? (message, now) => passOn(message, entity, this.#neighbours.find(path), now) : undefined
  }
}
