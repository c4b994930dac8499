import { type TypedValue, textValue } from './value.ts'

/** Application properties that a settlement sets on a message. */
export type TypedProperties = Readonly<Record<string, TypedValue>>

/** What a sender hands in. Times are in milliseconds. */
export interface NewMessage {
  readonly messageId: string
  readonly sessionId?: string | undefined
  /** How long the message lives once it is enqueued. */
  readonly timeToLive?: number | undefined
  /** The moment at which the message becomes active; absent or past: at once. */
  readonly scheduledFor?: number | undefined
  /** The message as it came; the engine never looks inside. */
  readonly encoded: Uint8Array
}

/** The right of one receiver to settle a message. */
export interface Lock {
  readonly token: string
  /** The moment at which the lock is lost; a message of a session is locked for as long as its session is. */
  until: number
}

/** A message in a queue. Times are in milliseconds since the epoch. */
export interface Message {
  sequenceNumber: number
  enqueuedSequenceNumber: number
  readonly messageId: string
  readonly sessionId: string | undefined
  enqueuedTime: number
  /** `Infinity` when the message never expires. */
  expiresAt: number
  timeToLive: number
  scheduledFor: number | undefined
  state: 'active' | 'deferred' | 'scheduled'
  /** How often the message was handed to a receiver under a lock. */
  deliveryCount: number
  lock: Lock | undefined
  /** Application properties that settlements have set. */
  changes: TypedProperties | undefined
  /** The entity that dead-lettered the message. */
  deadLetterSource: string | undefined
  readonly encoded: Uint8Array
}

export type ReceiveMode = 'peekLock' | 'receiveAndDelete'

/** Why a message is dead-lettered. */
export interface DeadLetterReason {
  readonly reason?: string | undefined
  readonly description?: string | undefined
}

/** A message that is sent now, as the queue will hold it. */
export function enqueued(
  { messageId, sessionId, encoded, ...incoming }: NewMessage,
  sequenceNumber: number,
  now: number,
  longestTimeToLive: number,
): Message {
  const scheduledFor = (incoming.scheduledFor ?? 0) > now ? incoming.scheduledFor : undefined
  const timeToLive = Math.min(incoming.timeToLive ?? Number.POSITIVE_INFINITY, longestTimeToLive)
  return {
    sequenceNumber,
    enqueuedSequenceNumber: sequenceNumber,
    messageId,
    sessionId,
    enqueuedTime: now,
    expiresAt: (scheduledFor ?? now) + timeToLive,
    timeToLive,
    scheduledFor,
    state: scheduledFor === undefined ? 'active' : 'scheduled',
    deliveryCount: 0,
    lock: undefined,
    changes: undefined,
    deadLetterSource: undefined,
    encoded,
  }
}

/** A message that another entity passes on: it begins a new life, with its content and properties. */
export function forwarded(
  message: Message,
  sequenceNumber: number,
  now: number,
  longestTimeToLive: number,
): Message {
  const timeToLive = Math.min(message.timeToLive, longestTimeToLive)
  return {
    ...message,
    sequenceNumber,
    enqueuedSequenceNumber: message.sequenceNumber,
    enqueuedTime: now,
    expiresAt: now + timeToLive,
    timeToLive,
    scheduledFor: undefined,
    state: 'active',
    deliveryCount: 0,
    lock: undefined,
  }
}

/** A scheduled message whose time has come: it joins the queue as if it had been sent now. */
export function activated(message: Message, sequenceNumber: number, now: number): Message {
  return {
    ...message,
    sequenceNumber,
    state: 'active',
    enqueuedTime: now,
    expiresAt: now + message.timeToLive,
  }
}

/** Sets application properties on a message. */
export function setProperties(message: Message, changes: TypedProperties | undefined): void {
  if (changes !== undefined && Object.keys(changes).length > 0)
    message.changes = { ...message.changes, ...changes }
}

/** The properties that say why a message was dead-lettered. */
export function reasonProperties({ reason, description }: DeadLetterReason): TypedProperties {
  return {
    ...(reason !== undefined && { DeadLetterReason: textValue(reason) }),
    ...(description !== undefined && { DeadLetterErrorDescription: textValue(description) }),
  }
}

/** Whether a receiver can have the message now. */
export function isReady(message: Message): boolean {
  return message.state === 'active' && message.lock === undefined
}
