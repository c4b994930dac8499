import { sizeOf } from './counts.ts'
import type {
  EntityDescription,
  NamespaceDescription,
  QueueDescription,
  QueueSettings,
  Rule,
  SubscriptionDescription,
  TopicDescription,
} from './description.ts'
import { type MessageFormat, opaque } from './distribution.ts'
import type { Entity, QueueEntity, SubscriptionEntity, TopicEntity } from './entities.ts'
import { Failure } from './failure.ts'
import { isBusy, lastUsed } from './idle.ts'
import { forgetful, type Journal, type Restored } from './journal.ts'
import type { Message } from './message.ts'
import { Queue, type QueueListener } from './queue.ts'
import { Routes } from './routes.ts'
import { withoutRule, withRule, withRuleReplaced } from './rules.ts'

export type { Entity, QueueEntity, SubscriptionEntity, TopicEntity } from './entities.ts'

/** Gets told what becomes of entities; called synchronously. */
export interface EntityListener {
  /** The entity was created, or its description has changed. */
  onChanged?(entity: Entity): void
  /** The entity is gone. */
  onRemoved?(entity: Entity): void
}

export interface NamespaceOptions {
  readonly journal?: Journal
  /** What an earlier process left behind, by the path of the queue in lower case. */
  readonly restored?: ReadonlyMap<string, Restored>
  /** Listens to one queue of the namespace. */
  readonly listen?: (path: string) => QueueListener
  readonly entities?: EntityListener
  readonly format?: MessageFormat
  /** Whether somebody is connected to the entity at a path, and so it is not idle. */
  readonly isInUse?: (path: string) => boolean
}

const deadLetterSuffix = '/$DeadLetterQueue'
const transferSuffix = '/$Transfer/$DeadLetterQueue'

/** The entities of a namespace, and the ways of messages between them. Names are compared case-insensitively. */
export class Namespace {
  readonly #entities = new Map<string, Entity>()
  readonly #options: NamespaceOptions
  readonly #routes: Routes

  constructor(description: NamespaceDescription, now: number, options: NamespaceOptions = {}) {
    this.#options = options
    this.#routes = new Routes(this, options.format ?? opaque)
    for (const queue of description.queues) this.#addQueue(queue, now)
    for (const topic of description.topics) this.#addTopic(topic, now)
    // What is declared was checked for missing targets by who declared it.
    this.#routes.checkAll()
    for (const entity of [...this.#entities.values()]) {
      const restored = options.restored?.get(keyOf(entity.path))
      if (restored !== undefined) entity.queue.restore(restored, now)
      entity.queue.touch(now)
      this.#watchIdleness(entity, now)
    }
    // Only now may messages move: a queue that is not restored yet would give their numbers away a second time.
    for (const entity of [...this.#entities.values()]) this.#routes.pump(entity, now)
  }

  /** The entity at a path such as `orders`, `orders/$DeadLetterQueue` or `topic/Subscriptions/name`. */
  find(path: string): Entity | undefined {
    return this.#entities.get(keyOf(path))
  }

  entities(): Iterable<Entity> {
    return this.#entities.values()
  }

  /** Does what is due in all queues, and deletes who has been idle for too long; returns when to call again. */
  advance(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const entity of [...this.#entities.values()]) {
      next = Math.min(next, entity.queue.advance(now), this.#reviewIdle(entity, now))
    }
    return next
  }

  // ── Creating and deleting ────────────────────────────────────────────────────────────────────────────────────────

  /** Creates a queue. Throws `entity-already-exists` or `argument-error`. */
  createQueue(description: QueueDescription, now: number): QueueEntity {
    return this.#created(this.#addQueue({ ...description, createdAt: now, updatedAt: now }, now), now)
  }

  /** Creates a topic. Throws `entity-already-exists` or `argument-error`. */
  createTopic(description: TopicDescription, now: number): TopicEntity {
    return this.#created(this.#addTopic({ ...description, createdAt: now, updatedAt: now }, now), now)
  }

  /** Creates a subscription. Throws `entity-already-exists` or `argument-error`. */
  createSubscription(
    topic: TopicEntity,
    description: SubscriptionDescription,
    now: number,
  ): SubscriptionEntity {
    const rules = description.rules.map((rule) => ({ ...rule, createdAt: now }))
    return this.#created(
      this.#addSubscription(topic, { ...description, rules, createdAt: now, updatedAt: now }, now),
      now,
    )
  }

  #created<T extends Entity>(entity: T, now: number): T {
    try {
      this.#routes.check(entity)
    } catch (error) {
      this.#forget(entity)
      throw error
    }
    this.#watchIdleness(entity, now)
    this.#options.entities?.onChanged?.(entity)
    return entity
  }

  /** Deletes an entity with everything in it; a topic with its subscriptions. */
  remove(entity: Entity): void {
    if (entity.kind === 'topic')
      for (const subscription of [...entity.subscriptions]) this.remove(subscription)
    this.#forget(entity)
    for (const each of [...subQueuesOf(entity), entity]) {
      each.queue.end()
      this.#options.entities?.onRemoved?.(each)
    }
  }

  #forget(entity: Entity): void {
    this.#entities.delete(keyOf(entity.path))
    for (const { path } of subQueuesOf(entity)) this.#entities.delete(keyOf(path))
    if (entity.kind !== 'subscription') return
    const topic = this.find((entity as SubscriptionEntity).topic)
    if (topic?.kind === 'topic') remove(topic.subscriptions, entity as SubscriptionEntity)
  }

  // ── Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Changes an entity's description. What the service fixes at creation cannot change. Throws `argument-error`. */
  update<D extends EntityDescription>(
    entity: Entity & { description: D },
    description: D,
    now: number,
  ): void {
    const before = entity.description
    checkUnchanged(before.settings, description.settings)
    entity.description = { ...description, createdAt: before.createdAt, updatedAt: now }
    try {
      this.#routes.check(entity)
    } catch (error) {
      entity.description = before
      throw error
    }
    entity.queue.configure(description.settings)
    if (entity.kind !== 'topic' && entity.deadLetters !== undefined) {
      entity.deadLetters.description = entity.description as QueueDescription
      entity.deadLetters.queue.configure(deadLetterSettings(description.settings))
      this.#routes.pump(entity.deadLetters, now)
      this.#routes.pump(entity, now)
    }
    this.#watchIdleness(entity, now)
    this.#options.entities?.onChanged?.(entity)
  }

  /** Adds a rule. Throws `entity-already-exists`. */
  addRule(subscription: SubscriptionEntity, rule: Rule, now: number): void {
    this.#setRules(subscription, withRule(subscription, rule, now), now)
  }

  /** Puts a rule in the place of the one with its name. Throws `entity-not-found`. */
  replaceRule(subscription: SubscriptionEntity, rule: Rule, now: number): void {
    this.#setRules(subscription, withRuleReplaced(subscription, rule), now)
  }

  /** Removes a rule. Throws `entity-not-found`. */
  removeRule(subscription: SubscriptionEntity, name: string, now: number): void {
    this.#setRules(subscription, withoutRule(subscription, name), now)
  }

  #setRules(subscription: SubscriptionEntity, rules: readonly Rule[], now: number): void {
    subscription.description = { ...subscription.description, rules, updatedAt: now }
    this.#options.entities?.onChanged?.(subscription)
  }

  // ── Entities ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #addQueue(description: QueueDescription, now: number): QueueEntity {
    return this.#addReceivable('queue', description.name, dated(description, now))
  }

  #addTopic(description: TopicDescription, now: number): TopicEntity {
    const { name } = description
    this.#checkFree(name)
    const entity: TopicEntity = {
      kind: 'topic',
      path: name,
      queue: this.#createQueue(name, description.settings, () => entity),
      description: dated(description, now),
      subscriptions: [],
    }
    this.#add(entity)
    for (const subscription of description.subscriptions) this.#addSubscription(entity, subscription, now)
    return entity
  }

  #addSubscription(
    topic: TopicEntity,
    description: SubscriptionDescription,
    now: number,
  ): SubscriptionEntity {
    const rules = description.rules.map((rule) => ({ ...rule, createdAt: rule.createdAt ?? now }))
    const path = `${topic.path}/Subscriptions/${description.name}`
    const entity = this.#addReceivable('subscription', path, dated({ ...description, rules }, now), {
      topic: topic.path,
    }) as SubscriptionEntity
    topic.subscriptions.push(entity)
    return entity
  }

  /** A queue and its dead-letter queue, which outlives every message: nothing expires there or is moved on. */
  #addReceivable(
    kind: 'queue' | 'subscription',
    path: string,
    description: QueueDescription,
    more: object = {},
  ): QueueEntity {
    this.#checkFree(path)
    const { settings } = description
    const deadLetterPath = path + deadLetterSuffix
    const transferPath = path + transferSuffix
    const { forwardDeadLetteredMessagesTo: _, ...kept } = description
    const transferDeadLetters: QueueEntity = {
      kind: 'deadLetterQueue',
      path: transferPath,
      queue: this.#createQueue(transferPath, deadLetterSettings(settings), () => transferDeadLetters),
      description: kept,
    }
    const deadLetters: QueueEntity = {
      kind: 'deadLetterQueue',
      path: deadLetterPath,
      queue: this.#createQueue(deadLetterPath, deadLetterSettings(settings), () => deadLetters),
      description,
      transferDeadLetters,
    }
    const deadLetterTo = deadLetters.queue
    const entity: QueueEntity = {
      kind,
      path,
      queue: this.#createQueue(path, settings, () => entity, deadLetterTo),
      description,
      deadLetters,
      transferDeadLetters,
      ...more,
    }
    this.#add(deadLetters)
    this.#add(transferDeadLetters)
    this.#add(entity)
    return entity
  }

  #createQueue(path: string, settings: QueueSettings, entity: () => Entity, deadLetterTo?: Queue): Queue {
    const outside = this.#options.listen?.(path) ?? {}
    const listener: QueueListener = {
      ...outside,
      ...(deadLetterTo && {
        onDeadLetter: (message: Message, now: number) => deadLetterTo.adopt(message, now),
      }),
      onReady: (sessionId, now) => {
        if (!this.#routes.pump(entity(), now)) outside.onReady?.(sessionId, now)
      },
    }
    return new Queue(path, settings, listener, this.#options.journal ?? forgetful, () => sizeOf(entity()))
  }

  #add(entity: Entity): void {
    this.#entities.set(keyOf(entity.path), entity)
  }

  #checkFree(path: string): void {
    const existing = this.find(path)
    if (existing === undefined) return
    throw new Failure('entity-already-exists', `The messaging entity '${existing.path}' exists already.`)
  }

  // ── Idle entities ────────────────────────────────────────────────────────────────────────────────────────────────

  #watchIdleness({ path, description }: Entity, now: number): void {
    const { autoDeleteOnIdle } = description
    if (autoDeleteOnIdle !== undefined) this.#options.listen?.(path).onDeadline?.(now + autoDeleteOnIdle)
  }

  /** Deletes an entity that has been idle for too long; returns when to look again. */
  #reviewIdle(entity: Entity, now: number): number {
    const { autoDeleteOnIdle } = entity.description
    if (autoDeleteOnIdle === undefined || entity.kind === 'deadLetterQueue') return Number.POSITIVE_INFINITY
    if (this.find(entity.path) !== entity) return Number.POSITIVE_INFINITY
    if (isBusy(entity, (path) => this.#options.isInUse?.(path) ?? false)) entity.queue.touch(now)
    const idleUntil = lastUsed(entity) + autoDeleteOnIdle
    if (idleUntil > now) return idleUntil
    this.remove(entity)
    return Number.POSITIVE_INFINITY
  }
}

function dated<D extends EntityDescription>(description: D, now: number): D {
  const { createdAt = now, updatedAt = now } = description
  return { ...description, createdAt, updatedAt }
}

function deadLetterSettings(settings: QueueSettings): QueueSettings {
  return {
    ...settings,
    maxDeliveryCount: Number.POSITIVE_INFINITY,
    defaultTimeToLive: Number.POSITIVE_INFINITY,
    deadLetteringOnExpiration: false,
    duplicateDetectionWindow: 0,
    requiresSession: false,
  }
}

function checkUnchanged(before: QueueSettings, after: QueueSettings): void {
  if (before.requiresSession !== after.requiresSession) {
    throw new Failure('argument-error', 'RequiresSession cannot change once an entity exists.')
  }
  if (before.duplicateDetectionWindow > 0 !== after.duplicateDetectionWindow > 0) {
    throw new Failure('argument-error', 'RequiresDuplicateDetection cannot change once an entity exists.')
  }
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
}

function keyOf(path: string): string {
  return path.toLowerCase()
}

function subQueuesOf(entity: Entity): QueueEntity[] {
  if (entity.kind === 'topic') return []
  const { deadLetters, transferDeadLetters } = entity
  return [deadLetters, transferDeadLetters].filter((each) => each !== undefined)
}
