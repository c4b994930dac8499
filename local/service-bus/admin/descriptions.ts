import { countsOf, type MessageCounts } from '../engine/counts.ts'
import { defaultDuplicateDetectionWindow, type EntityDescription, type Rule } from '../engine/description.ts'
import type { QueueEntity, SubscriptionEntity, TopicEntity } from '../engine/namespace.ts'
import { type Content, type Entry, element, type Fields } from './atom.ts'
import { isoDuration } from './durations.ts'
import { ruleFields } from './ruleXml.ts'

const countsNamespace = 'http://schemas.microsoft.com/netservices/2011/06/servicebus'

/** What nobody has used yet was last used at .NET's first moment. */
const never = '0001-01-01T00:00:00Z'

/** What the server knows beside the entities. */
export interface Origin {
  /** The URL of the namespace, without a slash at its end. */
  readonly baseUrl: string
  readonly startedAt: Date
  /** Bytes of the largest message, where an entity does not say. */
  readonly maxMessageSize: number
}

export function queueEntry(entity: QueueEntity, origin: Origin): Entry {
  const { description } = entity
  const { settings } = description
  const counts = countsOf(entity)
  return entry(entity.path, entity.path, 'QueueDescription', origin, {
    LockDuration: isoDuration(settings.lockDuration),
    MaxSizeInMegabytes: settings.maxSize / 1024 / 1024,
    ...duplicateFields(description),
    RequiresSession: settings.requiresSession,
    DefaultMessageTimeToLive: isoDuration(settings.defaultTimeToLive),
    DeadLetteringOnMessageExpiration: settings.deadLetteringOnExpiration,
    MaxDeliveryCount: settings.maxDeliveryCount,
    SizeInBytes: counts.bytes,
    MessageCount: total(counts),
    ...commonFields(entity),
    ...forwardFields(description, origin),
    CountDetails: countDetails(counts),
    EnablePartitioning: false,
    EnableExpress: false,
    ...sizeFields(description, origin),
  })
}

export function topicEntry(entity: TopicEntity, origin: Origin): Entry {
  const { description } = entity
  const { settings } = description
  const counts = countsOf(entity)
  return entry(entity.path, entity.path, 'TopicDescription', origin, {
    DefaultMessageTimeToLive: isoDuration(settings.defaultTimeToLive),
    MaxSizeInMegabytes: settings.maxSize / 1024 / 1024,
    ...duplicateFields(description),
    SizeInBytes: counts.bytes,
    ...commonFields(entity),
    SupportOrdering: description.supportOrdering ?? true,
    CountDetails: countDetails(counts),
    SubscriptionCount: entity.subscriptions.length,
    EnablePartitioning: false,
    EnableExpress: false,
    ...sizeFields(description, origin),
  })
}

export function subscriptionEntry(entity: SubscriptionEntity, origin: Origin): Entry {
  const { description } = entity
  const { settings } = description
  const counts = countsOf(entity)
  return entry(entity.path, description.name, 'SubscriptionDescription', origin, {
    LockDuration: isoDuration(settings.lockDuration),
    RequiresSession: settings.requiresSession,
    DefaultMessageTimeToLive: isoDuration(settings.defaultTimeToLive),
    DeadLetteringOnMessageExpiration: settings.deadLetteringOnExpiration,
    DeadLetteringOnFilterEvaluationExceptions: description.deadLetteringOnFilterErrors ?? false,
    MessageCount: total(counts),
    MaxDeliveryCount: settings.maxDeliveryCount,
    ...commonFields(entity),
    ...forwardFields(description, origin),
    CountDetails: countDetails(counts),
  })
}

export function ruleEntry(subscription: SubscriptionEntity, rule: Rule, origin: Origin): Entry {
  const path = `${subscription.path}/Rules/${rule.name}`
  return entry(path, rule.name, 'RuleDescription', origin, ruleFields(rule))
}

export function namespaceEntry(origin: Origin): Entry {
  return entry('$namespaceinfo', 'local-service-bus', 'NamespaceInfo', origin, {
    CreatedTime: origin.startedAt.toISOString(),
    MessagingSKU: 'Standard',
    ModifiedTime: origin.startedAt.toISOString(),
    Name: 'local-service-bus',
    NamespaceType: 'Messaging',
  })
}

/** The title is what the .NET client takes for the name. */
function entry(path: string, title: string, type: string, { baseUrl }: Origin, fields: Fields): Entry {
  return { id: `${baseUrl}/${path}`, title, type, fields }
}

function commonFields({ description, queue }: QueueEntity | TopicEntity): Fields {
  const { createdAt = 0, updatedAt = 0 } = description
  return {
    EnableBatchedOperations: description.enableBatchedOperations ?? true,
    IsAnonymousAccessible: false,
    Status: description.status ?? 'Active',
    UserMetadata: description.userMetadata,
    CreatedAt: new Date(createdAt).toISOString(),
    UpdatedAt: new Date(updatedAt).toISOString(),
    AccessedAt: Number.isFinite(queue.lastUsed) ? new Date(queue.lastUsed).toISOString() : never,
    AutoDeleteOnIdle: isoDuration(description.autoDeleteOnIdle ?? Number.POSITIVE_INFINITY),
    EntityAvailabilityStatus: 'Available',
  }
}

function duplicateFields({ settings: { duplicateDetectionWindow: window } }: EntityDescription): Fields {
  return {
    RequiresDuplicateDetection: window > 0,
    DuplicateDetectionHistoryTimeWindow: isoDuration(window > 0 ? window : defaultDuplicateDetectionWindow),
  }
}

/** Targets are absolute, as the clients send them. */
function forwardFields(
  { forwardTo, forwardDeadLetteredMessagesTo }: QueueEntity['description'],
  { baseUrl }: Origin,
): Fields {
  const absolute = (path: string | undefined) => path && `${baseUrl.replace(/^https?:/, 'sb:')}/${path}`
  return {
    ForwardTo: absolute(forwardTo),
    ForwardDeadLetteredMessagesTo: absolute(forwardDeadLetteredMessagesTo),
  }
}

function sizeFields({ settings }: EntityDescription, { maxMessageSize }: Origin): Fields {
  return { MaxMessageSizeInKilobytes: Math.floor((settings.maxMessageSize ?? maxMessageSize) / 1024) }
}

function countDetails(counts: MessageCounts): Content {
  return element(
    { 'xmlns:d2p1': countsNamespace },
    {
      'd2p1:ActiveMessageCount': counts.active,
      'd2p1:DeadLetterMessageCount': counts.deadLettered,
      'd2p1:ScheduledMessageCount': counts.scheduled,
      'd2p1:TransferMessageCount': 0,
      'd2p1:TransferDeadLetterMessageCount': counts.transferDeadLettered,
    },
  )
}

function total(counts: MessageCounts): number {
  return (
    counts.active + counts.deferred + counts.scheduled + counts.deadLettered + counts.transferDeadLettered
  )
}
