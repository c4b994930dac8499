import type { Entity, QueueEntity, TopicEntity } from './entities.ts'

export interface MessageCounts {
  readonly active: number
  readonly deadLettered: number
  readonly scheduled: number
  readonly deferred: number
  /** Messages that could not be passed on. */
  readonly transferDeadLettered: number
  readonly bytes: number
}

/** The messages of a queue or subscription, and of its dead-letter queues. */
export function countsOf(entity: QueueEntity | TopicEntity): MessageCounts {
  const { active, scheduled, deferred, bytes } = entity.queue.counts()
  const dead = entity.kind === 'topic' ? undefined : entity.deadLetters?.queue.counts()
  const aside = entity.kind === 'topic' ? undefined : entity.transferDeadLetters?.queue.counts()
  return {
    active,
    scheduled,
    deferred,
    deadLettered: dead ? dead.active + dead.deferred : 0,
    transferDeadLettered: aside ? aside.active + aside.deferred : 0,
    bytes: bytes + (dead?.bytes ?? 0) + (aside?.bytes ?? 0),
  }
}

/**
 * The bytes that count against an entity's maximum size: dead letters are messages of their queue, and what subscriptions
 * hold is of their topic, once however many of them hold it.
 */
export function sizeOf(entity: Entity): number {
  if (entity.kind === 'topic') {
    return entity.subscriptions.reduce((most, each) => Math.max(most, sizeOf(each)), 0) + entity.queue.bytes
  }
  const { queue, deadLetters, transferDeadLetters } = entity
  return queue.bytes + (deadLetters?.queue.bytes ?? 0) + (transferDeadLetters?.queue.bytes ?? 0)
}
