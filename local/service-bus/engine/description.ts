import type { TypedValue } from './value.ts'

/** The settings of a queue, topic or subscription. Times are in milliseconds; `Infinity` means never. */
export interface QueueSettings {
  readonly lockDuration: number
  readonly maxDeliveryCount: number
  readonly defaultTimeToLive: number
  readonly deadLetteringOnExpiration: boolean
  /** How long message ids are remembered; 0 turns duplicate detection off. */
  readonly duplicateDetectionWindow: number
  readonly requiresSession: boolean
  /** Bytes of messages that the queue may hold. */
  readonly maxSize: number
  /** Bytes of the largest message; undefined: what the broker allows. */
  readonly maxMessageSize?: number | undefined
}

/** What may be done with an entity; `Active` is everything. */
export type EntityStatus = 'Active' | 'Disabled' | 'ReceiveDisabled' | 'SendDisabled'

/** What queues, topics and subscriptions have in common. Times are in milliseconds. */
export interface EntityDescription {
  readonly name: string
  readonly settings: QueueSettings
  /** Default: `Active`. */
  readonly status?: EntityStatus | undefined
  /** The entity is deleted when nobody has used it for so long. Default: never. */
  readonly autoDeleteOnIdle?: number | undefined
  readonly userMetadata?: string | undefined
  /** Kept for those who read it back; the broker batches as it likes. Default: true. */
  readonly enableBatchedOperations?: boolean | undefined
  /** Since the epoch. */
  readonly createdAt?: number | undefined
  readonly updatedAt?: number | undefined
}

const second = 1000
const minute = 60 * second

/** The defaults of the service (Standard tier). */
export const defaultSettings: QueueSettings = {
  lockDuration: minute,
  maxDeliveryCount: 10,
  defaultTimeToLive: Number.POSITIVE_INFINITY,
  deadLetteringOnExpiration: false,
  duplicateDetectionWindow: 0,
  requiresSession: false,
  maxSize: 1024 * 1024 * 1024,
}

/** The window of duplicate detection when it is required and no window is given. */
export const defaultDuplicateDetectionWindow = 10 * minute

export interface QueueDescription extends EntityDescription {
  /** Entity that every message is passed on to. */
  readonly forwardTo?: string | undefined
  /** Entity that dead-lettered messages are passed on to. */
  readonly forwardDeadLetteredMessagesTo?: string | undefined
}

/** Selects messages of a topic by equality with their properties. */
export interface CorrelationFilter {
  readonly kind: 'correlation'
  readonly correlationId?: string | undefined
  readonly messageId?: string | undefined
  readonly to?: string | undefined
  readonly replyTo?: string | undefined
  readonly subject?: string | undefined
  readonly sessionId?: string | undefined
  readonly replyToSessionId?: string | undefined
  readonly contentType?: string | undefined
  readonly applicationProperties?: Readonly<Record<string, TypedValue>> | undefined
}

/** An expression of the service's SQL, and the values of its parameters such as `@colour`. */
export interface SqlExpression {
  readonly expression: string
  readonly parameters?: Readonly<Record<string, TypedValue>> | undefined
}

export interface SqlFilter extends SqlExpression {
  readonly kind: 'sql'
}

export type Filter = CorrelationFilter | SqlFilter | { readonly kind: 'true' } | { readonly kind: 'false' }

export interface Rule {
  readonly name: string
  readonly filter: Filter
  /** What changes in the copy of the message that the rule lets through. */
  readonly action?: SqlExpression | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt?: number | undefined
}

export interface SubscriptionDescription extends QueueDescription {
  readonly rules: readonly Rule[]
  /** Messages for which a rule cannot be evaluated go to the dead-letter queue. Default: they are left out. */
  readonly deadLetteringOnFilterErrors?: boolean | undefined
}

export interface TopicDescription extends EntityDescription {
  readonly subscriptions: readonly SubscriptionDescription[]
  /** Kept for those who read it back; the broker keeps the order always. Default: true. */
  readonly supportOrdering?: boolean | undefined
}

/** Everything that a namespace consists of. */
export interface NamespaceDescription {
  readonly queues: readonly QueueDescription[]
  readonly topics: readonly TopicDescription[]
}

export const defaultRuleName = '$Default'
