import { checkReceives, checkSends } from '../engine/entities.ts'
import { Failure, messageTooLarge } from '../engine/failure.ts'
import type { Message, TypedProperties } from '../engine/message.ts'
import type { Entity } from '../engine/namespace.ts'
import type { Queue } from '../engine/queue.ts'
import { amqpError, statusCode } from './errors.ts'
import { decodeMessage } from './incoming.ts'
import { uuidBytes } from './lockTokens.ts'
import { mapAt } from './maps.ts'
import { type Operation, queueOf, type RequestContext, typeCode } from './operation.ts'
import { encodeDelivery, encodePeeked } from './outgoing.ts'
import {
  type Body,
  binary,
  integer,
  list,
  lockTokens,
  moment,
  optionalText,
  sequenceNumbers,
} from './requestBody.ts'
import type { Request, Response } from './responder.ts'
import rhea, { type Typed } from './rhea.ts'
import { addRule, listRules, removeRule, subscriptionOf } from './rules.ts'
import { getSessionState, getSessions, renewSessionLock, setSessionState } from './sessionRequests.ts'

const { types } = rhea

/** Performs a request on an entity's management node. */
export function manage(request: Request, entity: Entity, context: RequestContext): Response {
  try {
    const operation = operations[request.operation]
    if (operation === undefined)
      return response(501, 'amqp:not-implemented', `'${request.operation}' is not supported.`)
    context.demand(operation.right)
    const answer = operation.perform(entity, (request.body ?? {}) as Body, context, request)
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
      ...(condition && { errorCondition: types.wrap_symbol(condition) }),
    },
    ...(body && { body }),
  }
}

const renewLock: Operation = {
  right: 'Listen',
  perform(entity, body, { broker }) {
    const { queue } = queueOf(entity)
    const expirations = lockTokens(body).map((token) => queue.renew(token, broker.now()))
    return { body: types.wrap_map({ expirations: types.wrap_array(expirations, typeCode.timestamp) }) }
  },
}

const peek: Operation = {
  right: 'Listen',
  perform(entity, body, { broker }) {
    const from = integer(body['from-sequence-number'])
    const count = Math.min(integer(body['message-count']), 1000)
    const messages = entity.queue.peek(from, count, broker.now(), optionalText(body['session-id']))
    if (messages.length === 0) return { status: 204 }
    const withoutBody = body['omit-message-body'] === true
    return {
      body: types.wrap_map({
        messages: types.wrap_list(
          messages.map((m) => types.wrap_map(entry(m, encodePeeked(m, withoutBody)))),
        ),
      }),
    }
  },
}

const schedule: Operation = {
  right: 'Send',
  perform(entity, body, { broker, enlisted, maxMessageSize }) {
    checkSends(entity)
    const encoded = list(body.messages).map((item) => binary((item as Body).message))
    const limit = entity.description.settings.maxMessageSize ?? maxMessageSize
    if (encoded.some(({ length }) => length > limit)) throw messageTooLarge(limit)
    const messages = encoded.map(decodeMessage)
    const transaction = enlisted()?.transaction
    const numbers = transaction
      ? transaction.send(entity, messages)
      : entity.queue.send(messages, broker.now())
    return { body: types.wrap_map({ 'sequence-numbers': types.wrap_array(numbers, typeCode.long) }) }
  },
}

const cancelScheduled: Operation = {
  right: 'Send',
  perform(entity, body) {
    entity.queue.cancelScheduled(sequenceNumbers(body))
    return {}
  },
}

const receiveBySequenceNumber: Operation = {
  right: 'Listen',
  perform(entity, body, { broker, sessionToken }) {
    const mode = Number(body['receiver-settle-mode'] ?? 1) === 0 ? 'receiveAndDelete' : 'peekLock'
    const id = optionalText(body['session-id'])
    const session = { id: id ?? '', token: sessionToken ?? '' }
    const from = queueOf(entity)
    checkReceives(from)
    const messages = from.queue.receiveDeferred(sequenceNumbers(body), mode, broker.now(), session)
    const entries = messages.map((message) =>
      types.wrap_map({
        ...entry(message, encodeDelivery(message)),
        ...(message.lock && { 'lock-token': types.wrap_uuid(uuidBytes(message.lock.token)) }),
      }),
    )
    return { body: types.wrap_map({ messages: types.wrap_list(entries) }) }
  },
}

const updateDisposition: Operation = {
  right: 'Listen',
  perform(entity, body, { broker, enlisted }, { encodedBody }) {
    const { queue } = queueOf(entity)
    const changes = mapAt(encodedBody, 0).map('properties-to-modify')?.properties()
    const settle = disposition(body, queue, changes)
    const transaction = enlisted()?.transaction
    for (const token of lockTokens(body)) {
      if (transaction === undefined) settle(token, broker.now())
      else {
        transaction.settle(token, broker.now(), {
          check: (now) =>
            body['disposition-status'] === 'suspended'
              ? queue.checkDeadLetter(token, now)
              : queue.checkLock(token, now),
          apply: (now) => settle(token, now),
        })
      }
    }
    return {}
  },
}

/** What a disposition does to a locked message. Throws `argument-error` when there is no such disposition. */
function disposition(
  body: Body,
  queue: Queue,
  changes: TypedProperties | undefined,
): (token: string, now: number) => void {
  switch (body['disposition-status']) {
    case 'completed':
      return (token, now) => queue.complete(token, now)
    case 'abandoned':
      return (token, now) => queue.abandon(token, now, changes)
    case 'defered':
      return (token, now) => queue.defer(token, now, changes)
    case 'suspended': {
      const reason = optionalText(body['deadletter-reason'])
      const description = optionalText(body['deadletter-description'])
      return (token, now) => queue.deadLetter(token, now, { reason, description }, changes)
    }
    default:
      throw new Failure('argument-error', `'${body['disposition-status']}' is not a disposition.`)
  }
}

/** Deletes what was enqueued before a moment: how the SDKs delete and purge. */
const batchDelete: Operation = {
  right: 'Listen',
  perform(entity, body, { broker }) {
    const count = Math.min(integer(body['message-count']), maxDeletions)
    const before = moment(body['enqueued-time-utc']) ?? Number.POSITIVE_INFINITY
    const sessionId = optionalText(body['session-id'])
    const deleted = queueOf(entity).queue.deleteMessages(count, before, broker.now(), sessionId)
    if (deleted === 0) return { status: 204 }
    return { body: types.wrap_map({ 'message-count': types.wrap_int(deleted) }) }
  },
}

const enumerateRules: Operation = {
  right: 'Listen',
  perform(entity, body) {
    const rules = listRules(subscriptionOf(entity), body)
    return rules.length === 0 ? { status: 204 } : { body: types.wrap_map({ rules: types.wrap_list(rules) }) }
  },
}

const addRuleOperation: Operation = {
  right: 'Listen',
  perform(entity, _body, { broker }, { encodedBody }) {
    addRule(subscriptionOf(entity), encodedBody, broker)
    return {}
  },
}

const removeRuleOperation: Operation = {
  right: 'Listen',
  perform(entity, body, { broker }) {
    removeRule(subscriptionOf(entity), body, broker)
    return {}
  },
}

const operations: Readonly<Record<string, Operation>> = {
  'com.microsoft:add-rule': addRuleOperation,
  'com.microsoft:batch-delete-messages': batchDelete,
  'com.microsoft:cancel-scheduled-message': cancelScheduled,
  'com.microsoft:enumerate-rules': enumerateRules,
  'com.microsoft:get-message-sessions': getSessions,
  'com.microsoft:get-session-state': getSessionState,
  'com.microsoft:peek-message': peek,
  'com.microsoft:receive-by-sequence-number': receiveBySequenceNumber,
  'com.microsoft:remove-rule': removeRuleOperation,
  'com.microsoft:renew-lock': renewLock,
  'com.microsoft:renew-session-lock': renewSessionLock,
  'com.microsoft:schedule-message': schedule,
  'com.microsoft:set-session-state': setSessionState,
  'com.microsoft:update-disposition': updateDisposition,
}

/** Messages that one request may delete, as with the service. */
const maxDeletions = 4000

function entry(message: Message, encoded: Buffer): Record<string, unknown> {
  return {
    message: types.wrap_binary(encoded),
    ...(message.sessionId !== undefined && { 'session-id': message.sessionId }),
  }
}
