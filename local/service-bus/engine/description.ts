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

/** The longest lock that the service grants. */
export const maxLockDuration = 5 * minute

export interface QueueDescription {
  readonly name: string
  readonly settings: QueueSettings
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
  readonly applicationProperties?: Readonly<Record<string, unknown>> | undefined
}

export type Filter = CorrelationFilter | { readonly kind: 'true' } | { readonly kind: 'false' }

export interface Rule {
  readonly name: string
  readonly filter: Filter
}

export interface SubscriptionDescription extends QueueDescription {
  readonly rules: readonly Rule[]
}

export interface TopicDescription {
  readonly name: string
  readonly settings: QueueSettings
  readonly subscriptions: readonly SubscriptionDescription[]
}

/** Everything that a namespace consists of. */
export interface NamespaceDescription {
  readonly queues: readonly QueueDescription[]
  readonly topics: readonly TopicDescription[]
}

export const defaultRuleName = '$Default'
