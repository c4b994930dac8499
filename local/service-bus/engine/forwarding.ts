import type { QueueDescription } from './description.ts'
import { Failure } from './failure.ts'

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
