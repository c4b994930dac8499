import type { Right } from '../access.ts'
import type { Broker } from '../broker.ts'
import { Failure } from '../engine/failure.ts'
import type { Entity, QueueEntity } from '../engine/namespace.ts'
import type { Enlisted } from './coordinator.ts'
import type { Body } from './requestBody.ts'
import type { Request } from './responder.ts'
import type { Typed } from './rhea.ts'

/** What an operation answers; 200 and no body where it does not say. */
export interface Answer {
  readonly status?: number
  readonly body?: Typed
}

/** What surrounds a request. */
export interface RequestContext {
  readonly broker: Broker
  /** Bytes of the largest message, where an entity does not say. */
  readonly maxMessageSize: number
  /** The session that the request's receiver holds. */
  readonly sessionToken: string | undefined
  /** The transaction that the request belongs to. */
  enlisted(): Enlisted | undefined
  /** Refuses when the client may not do this with the entity. */
  demand(right: Right): void
}

/** An operation of a management node. */
export interface Operation {
  readonly right: Right
  perform(entity: Entity, body: Body, context: RequestContext, request: Request): Answer
}

/** Type codes of the elements of arrays (AMQP 1.0, 1.6). */
export const typeCode = { long: 0x81, string: 0xb1, timestamp: 0x83 } as const

/** The entity as one that messages are received from. Throws `not-allowed`. */
export function queueOf(entity: Entity): QueueEntity {
  if (entity.kind === 'topic')
    throw new Failure('not-allowed', `'${entity.path}' is a topic: it has no messages to settle.`)
  return entity
}
