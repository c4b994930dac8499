import type { NamespaceDescription } from './description.ts'
import type { Entity } from './entities.ts'
import type { Namespace } from './namespace.ts'

/**
 * Everything out: all messages go, and the entities are again what is declared. Who is connected to an entity that stays
 * as it was notices nothing but that it is empty.
 */
export function resetNamespace(namespace: Namespace, declaration: NamespaceDescription, now: number): void {
  for (const entity of [...namespace.entities()]) {
    if (namespace.find(entity.path) !== entity || entity.kind === 'deadLetterQueue') continue
    if (!isDeclared(entity, declaration)) namespace.remove(entity)
  }
  for (const entity of namespace.entities()) entity.queue.clear()
  // Forwarding is put back last, when all its targets exist.
  for (const { forwardTo: _, forwardDeadLetteredMessagesTo: __, ...queue } of declaration.queues) {
    if (namespace.find(queue.name) === undefined) namespace.createQueue(queue, now)
  }
  for (const topic of declaration.topics) {
    const entity = namespace.find(topic.name) ?? namespace.createTopic({ ...topic, subscriptions: [] }, now)
    if (entity.kind !== 'topic') continue
    for (const { forwardTo: _, forwardDeadLetteredMessagesTo: __, ...subscription } of topic.subscriptions) {
      const path = `${topic.name}/Subscriptions/${subscription.name}`
      if (namespace.find(path) === undefined) namespace.createSubscription(entity, subscription, now)
    }
  }
  for (const description of declaration.queues) restore(namespace, description.name, description, now)
  for (const topic of declaration.topics) {
    restore(namespace, topic.name, topic, now)
    for (const subscription of topic.subscriptions) {
      restore(namespace, `${topic.name}/Subscriptions/${subscription.name}`, subscription, now)
    }
  }
}

function restore(namespace: Namespace, path: string, description: Entity['description'], now: number): void {
  const entity = namespace.find(path)
  if (entity !== undefined) namespace.update(entity, description, now)
}

/** Whether the entity is declared with the same kind and what is fixed at creation. */
function isDeclared(entity: Entity, { queues, topics }: NamespaceDescription): boolean {
  const same = (name: string) => name.toLowerCase() === entity.description.name.toLowerCase()
  if (entity.kind === 'topic') return topics.some((topic) => same(topic.name) && isAlike(entity, topic))
  if (entity.kind === 'queue') return queues.some((queue) => same(queue.name) && isAlike(entity, queue))
  const path = entity.path.toLowerCase()
  return topics.some((topic) =>
    topic.subscriptions.some(
      (each) => `${topic.name}/subscriptions/${each.name}`.toLowerCase() === path && isAlike(entity, each),
    ),
  )
}

function isAlike({ description: { settings: a } }: Entity, { settings: b }: Entity['description']): boolean {
  return (
    a.requiresSession === b.requiresSession &&
    a.duplicateDetectionWindow > 0 === b.duplicateDetectionWindow > 0
  )
}
