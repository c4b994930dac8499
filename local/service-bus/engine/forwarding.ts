import type { NamespaceDescription, QueueDescription } from './description.ts'
import { checkSends, type Entity, type QueueEntity } from './entities.ts'
import { Failure } from './failure.ts'
import { type DeadLetterReason, type Message, reasonProperties } from './message.ts'

/** An entity as far as forwarding goes. */
export interface Forwarder {
  readonly path: string
  /** Where its messages go on to: the target of a queue, or the subscriptions of a topic. */
  readonly next: readonly string[]
}

/** How often a message is forwarded; the service allows as many. */
export const maxForwards = 4

/** Refuses (`argument-error`) when the messages of an entity would go in a circle, or be forwarded too often. */
export function checkForwards(start: string, find: (path: string) => Forwarder | undefined): void {
  const visit = (path: string, forwards: number, way: readonly string[]): void => {
    const entity = find(path)
    if (entity === undefined) return
    const key = entity.path.toLowerCase()
    if (way.some((earlier) => earlier.toLowerCase() === key)) {
      throw new Failure(
        'argument-error',
        `Messages would go in a circle: ${[...way, entity.path].join(' → ')}.`,
      )
    }
    if (forwards > maxForwards) {
      throw new Failure('argument-error', `'${start}' forwards more than ${maxForwards} times.`)
    }
    for (const next of entity.next) {
      const isOwnSubscription = next.toLowerCase().startsWith(`${key}/subscriptions/`)
      visit(next, isOwnSubscription ? forwards : forwards + 1, [...way, entity.path])
    }
  }
  visit(start, 0, [])
}

/** Refuses (`argument-error`) what is declared to forward to what is not. */
export function checkDeclaredTargets({ queues, topics }: NamespaceDescription): void {
  const kinds = new Map<string, Entity['kind']>([
    ...queues.map(({ name }) => [name.toLowerCase(), 'queue'] as const),
    ...topics.map(({ name }) => [name.toLowerCase(), 'topic'] as const),
  ])
  const check = (path: string, description: QueueDescription) =>
    checkTargets(path, description, (target) => kinds.get(target.toLowerCase()))
  for (const queue of queues) check(queue.name, queue)
  for (const { name, subscriptions } of topics)
    for (const subscription of subscriptions)
      check(`${name}/Subscriptions/${subscription.name}`, subscription)
}

/** Refuses (`argument-error`) when a target does not exist or cannot take messages, or the entity has sessions. */
export function checkTargets(
  path: string,
  description: QueueDescription,
  kindOf: (path: string) => string | undefined,
): void {
  const { forwardTo, forwardDeadLetteredMessagesTo, settings } = description
  if (forwardTo && settings.requiresSession) {
    throw new Failure('argument-error', `'${path}' has sessions: its messages cannot be forwarded.`)
  }
  for (const target of [forwardTo, forwardDeadLetteredMessagesTo]) {
    if (!target) continue
    if (target.toLowerCase() === path.toLowerCase()) {
      throw new Failure('argument-error', `'${path}' forwards to itself.`)
    }
    const kind = kindOf(target)
    if (kind === undefined) {
      throw new Failure('argument-error', `'${path}' forwards to '${target}', which is not declared.`)
    }
    if (kind !== 'queue' && kind !== 'topic') {
      throw new Failure(
        'argument-error',
        `'${path}' forwards to '${target}', which is neither a queue nor a topic.`,
      )
    }
  }
}

/**
 * Passes a message on from one entity to another. What the target cannot take goes to the transfer dead-letter queue of
 * the first ("Overview of Service Bus dead-letter queues": the destination is disabled, deleted or full).
 */
export function passOn(message: Message, from: QueueEntity, target: Entity | undefined, now: number): void {
  target?.queue.touch(now)
  const why = target === undefined ? targetIsGone : refusal(target, message)
  if (target !== undefined && why === undefined) {
    target.queue.forward(message, now)
    return
  }
  const changes = { ...message.changes, ...reasonProperties(why ?? targetIsGone) }
  from.transferDeadLetters?.queue.adopt({ ...message, changes, deadLetterSource: from.path }, now)
}

const targetIsGone = {
  reason: 'MessagingEntityNotFound',
  description: 'The entity that messages are passed on to does not exist.',
}

/** Why an entity cannot take a message that is passed on to it. */
function refusal(target: Entity, message: Message): DeadLetterReason | undefined {
  try {
    checkSends(target)
  } catch (error) {
    return { reason: 'MessagingEntityDisabled', description: (error as Failure).message }
  }
  const { queue } = target
  if (queue.hasRoomFor(message.encoded.length)) return undefined
  return { reason: 'QuotaExceeded', description: 'The entity that messages are passed on to is full.' }
}
