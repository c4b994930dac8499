import type { Entity } from './entities.ts'

/** The entity and those whose use counts as its own: dead-letter queues, and the subscriptions of a topic. */
function nodesOf(entity: Entity): Entity[] {
  if (entity.kind === 'topic') return [entity, ...entity.subscriptions.flatMap(nodesOf)]
  return entity.deadLetters === undefined ? [entity] : [entity, entity.deadLetters]
}

/** Whether an entity cannot be idle now: messages are scheduled in it, or somebody is connected to it. */
export function isBusy(entity: Entity, isInUse: (path: string) => boolean): boolean {
  return entity.queue.counts().scheduled > 0 || nodesOf(entity).some(({ path }) => isInUse(path))
}

/** When an entity was last used or changed; milliseconds since the epoch. */
export function lastUsed(entity: Entity): number {
  const { updatedAt = 0 } = entity.description
  return Math.max(updatedAt, ...nodesOf(entity).map(({ queue }) => queue.lastUsed))
}
