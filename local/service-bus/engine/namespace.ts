import type {
  NamespaceDescription,
  QueueDescription,
  QueueSettings,
  Rule,
  SubscriptionDescription,
  TopicDescription,
} from './description.ts'
import { Failure } from './failure.ts'
import { type FilterableProperties, matches } from './filters.ts'
import { forgetful, type Journal, type Restored } from './journal.ts'
import type { Message } from './message.ts'
import { Queue, type QueueListener } from './queue.ts'

/** Something that messages are received from: a queue, a subscription, or the dead-letter queue of either. */
export interface QueueEntity {
  readonly kind: 'deadLetterQueue' | 'queue' | 'subscription'
  readonly path: string
  readonly queue: Queue
  readonly description: QueueDescription
  readonly deadLetters?: QueueEntity
}

/** A subscription: a queue that a topic fills with the messages that pass one of its rules. */
export interface SubscriptionEntity extends QueueEntity {
  readonly kind: 'subscription'
  readonly topic: string
  rules: readonly Rule[]
}

/** A topic: messages pass through its queue (where scheduled ones wait) to its subscriptions. */
export interface TopicEntity {
  readonly kind: 'topic'
  readonly path: string
  readonly queue: Queue
  readonly description: TopicDescription
  readonly subscriptions: SubscriptionEntity[]
}

export type Entity = QueueEntity | SubscriptionEntity | TopicEntity

export interface NamespaceOptions {
  readonly journal?: Journal
  /** What an earlier process left behind, by the path of the queue in lower case. */
  readonly restored?: ReadonlyMap<string, Restored>
  /** Listens to one queue of the namespace. */
  readonly listen?: (path: string) => QueueListener
  /** Reads the properties of an encoded message that filters ask for. */
  readonly properties?: (encoded: Uint8Array) => FilterableProperties
}

type Relay = (message: Message, now: number) => void

const deadLetterSuffix = '/$DeadLetterQueue'
const maxForwards = 4

/** The entities of a namespace, and the ways of messages between them. Names are compared case-insensitively. */
export class Namespace {
  readonly #entities = new Map<string, Entity>()
  readonly #options: NamespaceOptions

  constructor(description: NamespaceDescription, now: number, options: NamespaceOptions = {}) {
    this.#options = options
    for (const queue of description.queues) this.#addQueue(queue)
    for (const topic of description.topics) this.#addTopic(topic)
    for (const entity of this.#entities.values()) this.#checkForwards(entity)
    for (const entity of this.#entities.values()) {
      const restored = options.restored?.get(keyOf(entity.path))
      if (restored !== undefined) entity.queue.restore(restored, now)
    }
  }

  /** The entity at a path such as `orders`, `orders/$DeadLetterQueue` or `topic/Subscriptions/name`. */
  find(path: string): Entity | undefined {
    return this.#entities.get(keyOf(path))
  }

  entities(): Iterable<Entity> {
    return this.#entities.values()
  }

  /** Does what is due in all queues; returns when to call again. */
  advance(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const entity of this.#entities.values()) next = Math.min(next, entity.queue.advance(now))
    return next
  }

  #addQueue(description: QueueDescription): void {
    this.#add({
      kind: 'queue',
      path: description.name,
      description,
      ...this.#queueWithDeadLetters(description.name, description),
    })
  }

  #addTopic(description: TopicDescription): void {
    const subscriptions: SubscriptionEntity[] = []
    const distribute: Relay = (message, now) => {
      let properties: FilterableProperties | undefined
      const read = () => {
        properties ??= this.#options.properties?.(message.encoded) ?? { applicationProperties: {} }
        return properties
      }
      for (const { rules, queue } of subscriptions) {
        if (rules.some((rule) => matches(rule.filter, read))) queue.forward(message, now)
      }
    }
    const queue = this.#createQueue(description.name, description.settings, { relay: distribute })
    this.#add({ kind: 'topic', path: description.name, queue, description, subscriptions })
    for (const subscription of description.subscriptions) {
      subscriptions.push(this.#addSubscription(description.name, subscription))
    }
  }

  #addSubscription(topic: string, description: SubscriptionDescription): SubscriptionEntity {
    const path = `${topic}/Subscriptions/${description.name}`
    const entity: SubscriptionEntity = {
      kind: 'subscription',
      path,
      topic,
      description,
      rules: description.rules,
      ...this.#queueWithDeadLetters(path, description),
    }
    this.#add(entity)
    return entity
  }

  /** A queue and its dead-letter queue, which outlives every message: nothing expires there or is moved on. */
  #queueWithDeadLetters(
    path: string,
    description: QueueDescription,
  ): { queue: Queue; deadLetters: QueueEntity } {
    const { forwardTo, forwardDeadLetteredMessagesTo } = description
    const deadLetterPath = path + deadLetterSuffix
    const deadLetterQueue = this.#createQueue(
      deadLetterPath,
      {
        ...description.settings,
        maxDeliveryCount: Number.POSITIVE_INFINITY,
        defaultTimeToLive: Number.POSITIVE_INFINITY,
        deadLetteringOnExpiration: false,
        duplicateDetectionWindow: 0,
        requiresSession: false,
      },
      { ...(forwardDeadLetteredMessagesTo && { relay: this.#forwardTo(forwardDeadLetteredMessagesTo) }) },
    )
    const deadLetters: QueueEntity = {
      kind: 'deadLetterQueue',
      path: deadLetterPath,
      queue: deadLetterQueue,
      description,
    }
    this.#add(deadLetters)
    const queue = this.#createQueue(path, description.settings, {
      deadLetterTo: deadLetterQueue,
      ...(forwardTo && { relay: this.#forwardTo(forwardTo) }),
    })
    return { queue, deadLetters }
  }

  #createQueue(
    path: string,
    settings: QueueSettings,
    { relay, deadLetterTo }: { relay?: Relay; deadLetterTo?: Queue },
  ): Queue {
    const outside = this.#options.listen?.(path) ?? {}
    const queue: Queue = new Queue(
      path,
      relay ? { ...settings, requiresSession: false } : settings,
      {
        ...outside,
        ...(deadLetterTo && {
          onDeadLetter: (message: Message, now: number) => deadLetterTo.adopt(message, now),
        }),
        ...(relay && {
          onReady: (_session: string | undefined, now: number) => {
            for (let m = queue.take(now); m !== undefined; m = queue.take(now)) relay(m, now)
          },
        }),
      },
      this.#options.journal ?? forgetful,
    )
    return queue
  }

  #forwardTo(path: string): Relay {
    return (message, now) => this.find(path)?.queue.forward(message, now)
  }

  #add(entity: Entity): void {
    const key = keyOf(entity.path)
    if (this.#entities.has(key))
      throw new Failure('entity-already-exists', `The entity '${entity.path}' is declared twice.`)
    this.#entities.set(key, entity)
  }

  #checkForwards(entity: Entity): void {
    if (entity.kind === 'topic') return
    const deadLettersTo = entity.description.forwardDeadLetteredMessagesTo
    if (deadLettersTo && this.find(deadLettersTo) === undefined) {
      throw new Failure(
        'argument-error',
        `'${entity.path}' forwards to '${deadLettersTo}', which is not declared.`,
      )
    }
    let at: Entity | undefined = entity
    for (let hops = 0; at !== undefined && 'forwardTo' in at.description; hops++) {
      const target: string | undefined = at.description.forwardTo
      if (!target) return
      if (hops === maxForwards)
        throw new Failure('argument-error', `'${entity.path}' forwards more than ${maxForwards} times.`)
      at = this.find(target)
      if (at === undefined)
        throw new Failure(
          'argument-error',
          `'${entity.path}' forwards to '${target}', which is not declared.`,
        )
    }
  }
}

function keyOf(path: string): string {
  return path.toLowerCase()
}
