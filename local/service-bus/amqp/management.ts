import type { Broker } from '../broker.ts'
import { checkSends } from '../engine/entities.ts'
import { Failure } from '../engine/failure.ts'
import type { Message } from '../engine/message.ts'
import type { Entity, QueueEntity } from '../engine/namespace.ts'
import { decodeMessage, encodeDelivery, encodePeeked, uuidBytes, uuidText } from './codec.ts'
import { propertiesOf } from './consumer.ts'
import { amqpError, statusCode } from './errors.ts'
import type { Request, Response } from './responder.ts'
import rhea, { type Typed } from './rhea.ts'
import { addRule, listRules, removeRule, subscriptionOf } from './rules.ts'

const { types } = rhea

type Body = Readonly<Record<string, unknown>>

interface Answer {
  readonly status?: number
  readonly body?: Typed
}

type Operation = (
  entity: Entity,
  body: Body,
  broker: Broker,
  sessionToken: string | undefined,
  request: Request,
) => Answer

/** Performs a request on an entity's management node. */
export function manage(
  request: Request,
  entity: Entity,
  broker: Broker,
  sessionToken: string | undefined,
): Response {
  try {
    const operation = operations[request.operation]
    if (operation === undefined)
      return response(501, 'amqp:not-implemented', `'${request.operation}' is not supported.`)
    const answer = operation(entity, (request.body ?? {}) as Body, broker, sessionToken, request)
    return response(answer.status ?? 200, undefined, 'OK', answer.body)
  } catch (error) {
    const { condition, description } = amqpError(error)
    return response(statusCode(error), condition, description)
  }
}

function response(
  status: number,
  condition: string | undefined,
  description: string,
  body?: Typed,
): Response {
  return {
    application_properties: {
      statusCode: types.wrap_int(status),
      statusDescription: description,
      ...(condition && { errorCondition: condition }),
    },
    ...(body && { body }),
  }
}

const operations: Readonly<Record<string, Operation>> = {
  'com.microsoft:renew-lock'(entity, body, broker) {
    const { queue } = queueOf(entity)
    const expirations = lockTokens(body).map((token) => queue.renew(token, broker.now()))
    return { body: types.wrap_map({ expirations: types.wrap_array(expirations, typeCode.timestamp) }) }
  },

  'com.microsoft:peek-message'(entity, body, broker) {
    const from = integer(body['from-sequence-number'])
    const count = Math.min(integer(body['message-count']), 1000)
    const messages = entity.queue.peek(from, count, broker.now(), optionalText(body['session-id']))
    if (messages.length === 0) return { status: 204 }
    return {
      body: types.wrap_map({
        messages: types.wrap_list(messages.map((m) => types.wrap_map(entry(m, encodePeeked(m))))),
      }),
    }
  },

  'com.microsoft:schedule-message'(entity, body, broker) {
    checkSends(entity)
    const messages = list(body.messages).map((item) => decodeMessage(binary((item as Body).message)))
    const numbers = entity.queue.send(messages, broker.now())
    return { body: types.wrap_map({ 'sequence-numbers': types.wrap_array(numbers, typeCode.long) }) }
  },

  'com.microsoft:cancel-scheduled-message'(entity, body) {
    entity.queue.cancelScheduled(sequenceNumbers(body))
    return {}
  },

  'com.microsoft:receive-by-sequence-number'(entity, body, broker, sessionToken) {
    const mode = Number(body['receiver-settle-mode'] ?? 1) === 0 ? 'receiveAndDelete' : 'peekLock'
    const id = optionalText(body['session-id'])
    const session = id !== undefined && sessionToken !== undefined ? { id, token: sessionToken } : undefined
    const messages = queueOf(entity).queue.receiveDeferred(sequenceNumbers(body), mode, broker.now(), session)
    const entries = messages.map((message) =>
      types.wrap_map({
        ...entry(message, encodeDelivery(message)),
        ...(message.lock && { 'lock-token': types.wrap_uuid(uuidBytes(message.lock.token)) }),
      }),
    )
    return { body: types.wrap_map({ messages: types.wrap_list(entries) }) }
  },

  'com.microsoft:update-disposition'(entity, body, broker) {
    const { queue } = queueOf(entity)
    const now = broker.now()
    const changes = propertiesOf(body['properties-to-modify'])
    for (const token of lockTokens(body)) {
      switch (body['disposition-status']) {
        case 'completed':
          queue.complete(token, now)
          break
        case 'abandoned':
          queue.abandon(token, now, changes)
          break
        case 'defered':
          queue.defer(token, now, changes)
          break
        case 'suspended':
          queue.deadLetter(
            token,
            now,
            {
              reason: optionalText(body['deadletter-reason']),
              description: optionalText(body['deadletter-description']),
            },
            changes,
          )
          break
        default:
          throw new Failure('argument-error', `'${body['disposition-status']}' is not a disposition.`)
      }
    }
    return {}
  },

  'com.microsoft:renew-session-lock'(entity, body, broker, sessionToken) {
    const until = queueOf(entity).queue.renewSession(text(body['session-id']), broker.now(), sessionToken)
    return { body: types.wrap_map({ expiration: types.wrap_timestamp(until) }) }
  },

  'com.microsoft:get-session-state'(entity, body) {
    const state = queueOf(entity).queue.sessionState(text(body['session-id']))
    return { body: types.wrap_map({ 'session-state': state ? types.wrap_binary(Buffer.from(state)) : null }) }
  },

  'com.microsoft:set-session-state'(entity, body) {
    const state = body['session-state']
    const bytes = Buffer.isBuffer(state) ? Buffer.from(state) : undefined
    queueOf(entity).queue.setSessionState(text(body['session-id']), bytes)
    return {}
  },

  'com.microsoft:get-message-sessions'(entity, body) {
    const skip = Number(body.skip ?? 0)
    const ids = queueOf(entity)
      .queue.sessionIds()
      .slice(skip, skip + Number(body.top ?? 100))
    if (ids.length === 0) return { status: 204 }
    return {
      body: types.wrap_map({ skip: types.wrap_int(skip + ids.length), 'sessions-ids': types.wrap_list(ids) }),
    }
  },

  'com.microsoft:enumerate-rules'(entity, body) {
    const rules = listRules(subscriptionOf(entity), body)
    return rules.length === 0 ? { status: 204 } : { body: types.wrap_map({ rules: types.wrap_list(rules) }) }
  },

  'com.microsoft:add-rule'(entity, _body, broker, _sessionToken, request) {
    addRule(subscriptionOf(entity), request.encodedBody, broker)
    return {}
  },

  'com.microsoft:remove-rule'(entity, body, broker) {
    removeRule(subscriptionOf(entity), body, broker)
    return {}
  },
}

const typeCode = { long: 0x81, timestamp: 0x83 } as const

function entry(message: Message, encoded: Buffer): Record<string, unknown> {
  return {
    message: types.wrap_binary(encoded),
    ...(message.sessionId !== undefined && { 'session-id': message.sessionId }),
  }
}

function queueOf(entity: Entity): QueueEntity {
  if (entity.kind === 'topic')
    throw new Failure('not-allowed', `'${entity.path}' is a topic: it has no messages to settle.`)
  return entity
}

function lockTokens(body: Body): string[] {
  return list(body['lock-tokens']).map((token) => uuidText(binary(token)))
}

function sequenceNumbers(body: Body): number[] {
  return list(body['sequence-numbers']).map(integer)
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Failure('argument-error', 'The request lacks a list that it needs.')
  return value
}

function binary(value: unknown): Buffer {
  if (!Buffer.isBuffer(value))
    throw new Failure('argument-error', 'The request lacks a binary value that it needs.')
  return value
}

function integer(value: unknown): number {
  const number = Buffer.isBuffer(value) && value.length === 8 ? Number(value.readBigInt64BE()) : value
  if (typeof number !== 'number' || Number.isNaN(number))
    throw new Failure('argument-error', 'The request lacks a number that it needs.')
  return number
}

function text(value: unknown): string {
  if (typeof value !== 'string')
    throw new Failure('argument-error', 'The request lacks a text that it needs.')
  return value
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
