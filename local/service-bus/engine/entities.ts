import type { QueueDescription, SubscriptionDescription, TopicDescription } from './description.ts'
import { Failure } from './failure.ts'
import type { Queue } from './queue.ts'

/** Something that messages are received from: a queue, a subscription, or the dead-letter queue of either. */
export interface QueueEntity {
  readonly kind: 'deadLetterQueue' | 'queue' | 'subscription'
  readonly path: string
  readonly queue: Queue
  description: QueueDescription
  readonly deadLetters?: QueueEntity
  /** Messages that could not be passed on. */
  readonly transferDeadLetters?: QueueEntity
}

/** A subscription: a queue that a topic fills with the messages that pass one of its rules. */
export interface SubscriptionEntity extends QueueEntity {
  readonly kind: 'subscription'
  readonly topic: string
  description: SubscriptionDescription
}

/** A topic: messages pass through its queue (where scheduled ones wait) to its subscriptions. */
export interface TopicEntity {
  readonly kind: 'topic'
  readonly path: string
  readonly queue: Queue
  description: TopicDescription
  readonly subscriptions: SubscriptionEntity[]
}

export type Entity = QueueEntity | SubscriptionEntity | TopicEntity

/** Refuses (`entity-disabled`) when nobody may send to the entity at present. */
export function checkSends({ path, description }: Entity): void {
  if (description.status === 'Disabled' || description.status === 'SendDisabled') throw disabled(path)
}

/** Refuses (`entity-disabled`) when nobody may receive from the entity at present. */
export function checkReceives({ path, description }: Entity): void {
  if (description.status === 'Disabled' || description.status === 'ReceiveDisabled') throw disabled(path)
}

function disabled(path: string): Failure {
  return new Failure('entity-disabled', `Messaging entity '${path}' is currently disabled.`)
}
