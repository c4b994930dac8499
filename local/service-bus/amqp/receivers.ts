import type { Broker } from '../broker.ts'
import { checkReceives } from '../engine/entities.ts'
import { Failure } from '../engine/failure.ts'
import type { Entity, QueueEntity } from '../engine/namespace.ts'
import { Consumer, type HeldSession } from './consumer.ts'
import type { Coordinator } from './coordinator.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Link } from './rhea.ts'
import { awaitSession, grantSession, sessionAsked } from './sessionLink.ts'

/** Refuses (`not-allowed`, `entity-disabled`) when nobody may receive from the entity at present. */
export function checkReceivable(entity: Entity): void {
  if (entity.kind !== 'topic' && entity.kind !== 'deadLetterQueue' && entity.description.forwardTo) {
    const { path, description } = entity
    throw new Failure('not-allowed', `'${path}' forwards its messages to '${description.forwardTo}'.`)
  }
  checkReceives(entity)
}

/** The links of one connection on which the client receives messages, or waits for a session of which it may. */
export class Receivers {
  readonly #services: { readonly broker: Broker; readonly coordinator: Coordinator }
  readonly #dispatcher: (entity: QueueEntity) => Dispatcher
  readonly #consumers = new Map<Link, Consumer>()
  readonly #waiters = new Map<Link, () => void>()

  constructor(
    services: { readonly broker: Broker; readonly coordinator: Coordinator },
    dispatcher: (entity: QueueEntity) => Dispatcher,
  ) {
    this.#services = services
    this.#dispatcher = dispatcher
  }

  get size(): number {
    return this.#consumers.size + this.#waiters.size
  }

  links(): Link[] {
    return [...this.#consumers.keys(), ...this.#waiters.keys()]
  }

  /** Lets a client receive from an entity, when its turn comes if it waits for a session. Throws `Failure`. */
  add(link: Link, entity: Entity): void {
    if (entity.kind === 'topic') {
      throw new Failure('not-allowed', `'${entity.path}' is a topic: receive from one of its subscriptions.`)
    }
    checkReceivable(entity)
    const { queue } = entity
    const asked = sessionAsked(link)
    if (asked.kind === 'none' && queue.settings.requiresSession) {
      throw new Failure(
        'not-allowed',
        'It is not possible for an entity that requires sessions to create a non-sessionful message receiver.',
      )
    }
    if (asked.kind === 'none') this.#startConsumer(link, entity)
    else if (asked.kind === 'next') this.#awaitSession(link, entity)
    else {
      const session = queue.acceptSession(asked.id, this.#services.broker.now())
      if (session !== undefined) this.#startSession(link, entity, session)
    }
  }

  #startConsumer(link: Link, entity: QueueEntity, session?: HeldSession): void {
    const mode = link.remote.attach.snd_settle_mode === 1 ? 'receiveAndDelete' : 'peekLock'
    const consumer = new Consumer(link, entity, this.#services, mode, session)
    this.#consumers.set(link, consumer)
    this.#dispatcher(entity).add(consumer)
  }

  #startSession(link: Link, entity: QueueEntity, session: HeldSession): void {
    this.#waiters.delete(link)
    grantSession(link, session)
    this.#startConsumer(link, entity, session)
  }

  #awaitSession(link: Link, entity: QueueEntity): void {
    if (!entity.queue.settings.requiresSession) {
      throw new Failure('not-allowed', `The entity '${entity.path}' does not have sessions.`)
    }
    const dispatcher = this.#dispatcher(entity)
    const stop = awaitSession(link, dispatcher, (session) => this.#startSession(link, entity, session))
    this.#waiters.set(link, stop)
  }

  /** The client has asked for messages, or for less; false when it does not receive on this link. */
  onFlow(link: Link): boolean {
    const consumer = this.#consumers.get(link)
    if (consumer !== undefined) this.#dispatcher(consumer.entity).schedule()
    return consumer !== undefined
  }

  /** Goes on with deliveries that the socket or the client's window has held up. */
  resume(): void {
    for (const consumer of this.#consumers.values()) this.#dispatcher(consumer.entity).schedule()
  }

  /** The session that the link of this name holds. */
  sessionToken(linkName: unknown): string | undefined {
    for (const [link, consumer] of this.#consumers) if (link.name === linkName) return consumer.session?.token
    return undefined
  }

  forget(link: Link): void {
    this.#waiters.get(link)?.()
    this.#waiters.delete(link)
    const consumer = this.#consumers.get(link)
    if (consumer === undefined) return
    this.#consumers.delete(link)
    this.#dispatcher(consumer.entity).remove(consumer)
  }
}
