import { SqlEvaluationError } from '../sql/error.ts'
import { type PropertyChanges, perform } from './actions.ts'
import type { SubscriptionDescription } from './description.ts'
import { type FilterableProperties, matches, noProperties } from './filters.ts'
import type { Message } from './message.ts'
import type { Queue } from './queue.ts'
import { type TypedValue, textValue } from './value.ts'

/** Reads and rewrites encoded messages: the engine itself never looks inside. */
export interface MessageFormat {
  /** The properties of an encoded message that filters ask for. */
  properties(encoded: Uint8Array): FilterableProperties
  /** The encoded message with changed properties. */
  rewrite(encoded: Uint8Array, changes: PropertyChanges): Uint8Array
}

/** For messages of which nothing is known. */
export const opaque: MessageFormat = { properties: () => noProperties, rewrite: (encoded) => encoded }

/** A subscription as its topic sees it. */
export interface Subscriber {
  readonly queue: Queue
  readonly description: SubscriptionDescription
}

/**
 * Hands a message of a topic to its subscriptions: one copy where a rule without an action matches, and one more for every
 * matching rule with an action, changed by it and with the rule's name in `RuleName`.
 */
export function distribute(
  message: Message,
  subscribers: Iterable<Subscriber>,
  format: MessageFormat,
  now: number,
): void {
  let known: FilterableProperties | undefined
  const properties = () => {
    known ??= allProperties(message, format)
    return known
  }
  for (const { queue, description } of subscribers) {
    let matchesPlainly = false
    for (const rule of description.rules) {
      try {
        if (!matches(rule.filter, properties)) continue
        if (rule.action === undefined) matchesPlainly = true
        else {
          const changes = perform(rule.action, properties())
          queue.forward(changed(message, named(changes, rule.name), format), now)
        }
      } catch (error) {
        if (!(error instanceof SqlEvaluationError)) throw error
        if (description.deadLetteringOnFilterErrors) {
          queue.refuse(message, now, {
            reason: 'FilterException',
            description: `Rule '${rule.name}': ${error.message}`,
          })
        }
      }
    }
    if (matchesPlainly) queue.forward(message, now)
  }
}

function named({ system, applicationProperties }: PropertyChanges, rule: string): PropertyChanges {
  return { system, applicationProperties: new Map([...applicationProperties, ['RuleName', textValue(rule)]]) }
}

function changed(message: Message, changes: PropertyChanges, format: MessageFormat): Message {
  const { system } = changes
  return {
    ...message,
    encoded: format.rewrite(message.encoded, changes),
    messageId: system.get('messageid') ?? message.messageId,
    sessionId: system.has('sessionid') ? system.get('sessionid') : message.sessionId,
  }
}

const ticksPerMillisecond = 10_000

/** What the sender wrote, and what the topic knows of the message. */
function allProperties(message: Message, format: MessageFormat): FilterableProperties {
  const { system, applicationProperties } = format.properties(message.encoded)
  const time = (milliseconds: number): TypedValue => ({ type: 'timestamp', value: new Date(milliseconds) })
  const long = (value: number): TypedValue => ({ type: 'long', value: BigInt(value) })
  return {
    applicationProperties,
    system: {
      ...system,
      messageid: textValue(message.messageId),
      deliverycount: { type: 'int', value: 0n },
      enqueuedsequencenumber: long(message.enqueuedSequenceNumber),
      enqueuedtimeutc: time(message.enqueuedTime),
      sequencenumber: long(message.sequenceNumber),
      size: long(message.encoded.length),
      ...(message.deadLetterSource !== undefined && {
        deadlettersource: textValue(message.deadLetterSource),
      }),
      ...(Number.isFinite(message.timeToLive) && {
        timetolive: { type: 'timespan', value: BigInt(Math.round(message.timeToLive * ticksPerMillisecond)) },
        expiresatutc: time(message.expiresAt),
      }),
    },
  }
}
