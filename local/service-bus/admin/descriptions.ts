import {
  defaultDuplicateDetectionWindow,
  type Filter,
  type Rule,
  type SqlExpression,
} from '../engine/description.ts'
import type { QueueEntity, SubscriptionEntity, TopicEntity } from '../engine/namespace.ts'
import { type TypedValue, textOf } from '../engine/value.ts'
import { type Content, type Entry, element, type Fields } from './atom.ts'

/** "For ever", as the service writes it. */
const forever = 'P10675199DT2H48M5.4775807S'

const schemaNamespace = 'http://www.w3.org/2001/XMLSchema'
const countsNamespace = 'http://schemas.microsoft.com/netservices/2011/06/servicebus'

/** What the broker knows of every entity: it has existed since the broker started. */
export interface Origin {
  /** The URL of the namespace, without a slash at its end. */
  readonly baseUrl: string
  readonly startedAt: Date
}

export interface MessageCounts {
  readonly active: number
  readonly deadLettered: number
  readonly scheduled: number
  readonly deferred: number
  readonly bytes: number
}

/** The messages of a queue or subscription, and of its dead-letter queue. */
export function countsOf(entity: QueueEntity | TopicEntity): MessageCounts {
  const { active, scheduled, deferred, bytes } = entity.queue.counts()
  const dead = entity.kind === 'topic' ? undefined : entity.deadLetters?.queue.counts()
  return {
    active,
    scheduled,
    deferred,
    deadLettered: dead ? dead.active + dead.deferred : 0,
    bytes: bytes + (dead?.bytes ?? 0),
  }
}

export function queueEntry(entity: QueueEntity, origin: Origin): Entry {
  const { settings, forwardTo, forwardDeadLetteredMessagesTo } = entity.description
  const counts = countsOf(entity)
  return entry(entity.path, 'QueueDescription', origin, {
    LockDuration: isoDuration(settings.lockDuration),
    MaxSizeInMegabytes: settings.maxSize / 1024 / 1024,
    RequiresDuplicateDetection: settings.duplicateDetectionWindow > 0,
    RequiresSession: settings.requiresSession,
    DefaultMessageTimeToLive: isoDuration(settings.defaultTimeToLive),
    DeadLetteringOnMessageExpiration: settings.deadLetteringOnExpiration,
    DuplicateDetectionHistoryTimeWindow: window(settings.duplicateDetectionWindow),
    MaxDeliveryCount: settings.maxDeliveryCount,
    EnableBatchedOperations: true,
    SizeInBytes: counts.bytes,
    MessageCount: total(counts),
    ...statusFields(origin),
    ForwardTo: forwardTo,
    CountDetails: countDetails(counts),
    AutoDeleteOnIdle: forever,
    EnablePartitioning: false,
    ForwardDeadLetteredMessagesTo: forwardDeadLetteredMessagesTo,
    EntityAvailabilityStatus: 'Available',
    EnableExpress: false,
  })
}

export function topicEntry(entity: TopicEntity, origin: Origin): Entry {
  const { settings } = entity.description
  const counts = countsOf(entity)
  return entry(entity.path, 'TopicDescription', origin, {
    DefaultMessageTimeToLive: isoDuration(settings.defaultTimeToLive),
    MaxSizeInMegabytes: settings.maxSize / 1024 / 1024,
    RequiresDuplicateDetection: settings.duplicateDetectionWindow > 0,
    DuplicateDetectionHistoryTimeWindow: window(settings.duplicateDetectionWindow),
    EnableBatchedOperations: true,
    SizeInBytes: counts.bytes,
    ...statusFields(origin),
    SupportOrdering: true,
    CountDetails: countDetails(counts),
    SubscriptionCount: entity.subscriptions.length,
    AutoDeleteOnIdle: forever,
    EnablePartitioning: false,
    EntityAvailabilityStatus: 'Available',
    EnableExpress: false,
  })
}

export function subscriptionEntry(entity: SubscriptionEntity, origin: Origin): Entry {
  const { settings, forwardTo, forwardDeadLetteredMessagesTo } = entity.description
  const counts = countsOf(entity)
  return entry(entity.path, 'SubscriptionDescription', origin, {
    LockDuration: isoDuration(settings.lockDuration),
    RequiresSession: settings.requiresSession,
    DefaultMessageTimeToLive: isoDuration(settings.defaultTimeToLive),
    DeadLetteringOnMessageExpiration: settings.deadLetteringOnExpiration,
    DeadLetteringOnFilterEvaluationExceptions: false,
    MessageCount: total(counts),
    MaxDeliveryCount: settings.maxDeliveryCount,
    EnableBatchedOperations: true,
    ...statusFields(origin),
    ForwardTo: forwardTo,
    CountDetails: countDetails(counts),
    ForwardDeadLetteredMessagesTo: forwardDeadLetteredMessagesTo,
    AutoDeleteOnIdle: forever,
    EntityAvailabilityStatus: 'Available',
  })
}

export function ruleEntry(subscription: SubscriptionEntity, rule: Rule, origin: Origin): Entry {
  return entry(`${subscription.path}/Rules/${rule.name}`, 'RuleDescription', origin, {
    Filter: filterElement(rule.filter),
    Action: actionElement(rule.action),
    CreatedAt: origin.startedAt.toISOString(),
    Name: rule.name,
  })
}

export function namespaceEntry(origin: Origin): Entry {
  return entry('$namespaceinfo', 'NamespaceInfo', origin, {
    CreatedTime: origin.startedAt.toISOString(),
    MessagingSKU: 'Standard',
    ModifiedTime: origin.startedAt.toISOString(),
    Name: 'local-service-bus',
    NamespaceType: 'Messaging',
  })
}

function entry(path: string, type: string, origin: Origin, fields: Fields): Entry {
  return { id: `${origin.baseUrl}/${path}`, title: path, type, fields }
}

function statusFields({ startedAt }: Origin): Fields {
  const at = startedAt.toISOString()
  return { IsAnonymousAccessible: false, Status: 'Active', CreatedAt: at, UpdatedAt: at, AccessedAt: at }
}

function countDetails(counts: MessageCounts): Content {
  return element(
    { 'xmlns:d2p1': countsNamespace },
    {
      'd2p1:ActiveMessageCount': counts.active,
      'd2p1:DeadLetterMessageCount': counts.deadLettered,
      'd2p1:ScheduledMessageCount': counts.scheduled,
      'd2p1:TransferMessageCount': 0,
      'd2p1:TransferDeadLetterMessageCount': 0,
    },
  )
}

function total(counts: MessageCounts): number {
  return counts.active + counts.deferred + counts.scheduled + counts.deadLettered
}

const schemaTypes: Partial<Record<TypedValue['type'], string>> = {
  boolean: 'boolean',
  double: 'double',
  float: 'float',
  int: 'int',
  long: 'long',
  timespan: 'duration',
  timestamp: 'dateTime',
}

const ticksPerMillisecond = 10_000n

function filterElement(filter: Filter): Content {
  if (filter.kind === 'sql') return sqlElement('SqlFilter', filter)
  if (filter.kind !== 'correlation') {
    const [type, expression] = filter.kind === 'true' ? ['TrueFilter', '1=1'] : ['FalseFilter', '1=0']
    return sqlElement(type as string, { expression: expression as string })
  }
  return element(
    { 'i:type': 'CorrelationFilter' },
    {
      CorrelationId: filter.correlationId,
      MessageId: filter.messageId,
      To: filter.to,
      ReplyTo: filter.replyTo,
      Label: filter.subject,
      SessionId: filter.sessionId,
      ReplyToSessionId: filter.replyToSessionId,
      ContentType: filter.contentType,
      ...valuesElement('Properties', filter.applicationProperties),
    },
  )
}

function actionElement(action: SqlExpression | undefined): Content {
  return action === undefined
    ? element({ 'i:type': 'EmptyRuleAction' }, '')
    : sqlElement('SqlRuleAction', action)
}

function sqlElement(type: string, { expression, parameters }: SqlExpression): Content {
  return element(
    { 'i:type': type },
    { SqlExpression: expression, CompatibilityLevel: 20, ...valuesElement('Parameters', parameters) },
  )
}

function valuesElement(name: string, values: Readonly<Record<string, TypedValue>> = {}): Fields {
  const entries = Object.entries(values)
  if (entries.length === 0) return {}
  return {
    [name]: {
      KeyValueOfstringanyType: entries.map(([key, value]) => ({
        Key: key,
        Value: element(
          { 'i:type': `d6p1:${schemaTypes[value.type] ?? 'string'}`, 'xmlns:d6p1': schemaNamespace },
          valueText(value),
        ),
      })),
    },
  }
}

function valueText(value: TypedValue): string {
  if (value.type !== 'timespan') return textOf(value)
  return isoDuration(Number((value.value as bigint) / ticksPerMillisecond))
}

function window(milliseconds: number): string {
  return isoDuration(milliseconds > 0 ? milliseconds : defaultDuplicateDetectionWindow)
}

/** An ISO 8601 duration of days, hours, minutes and seconds. */
export function isoDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return forever
  const seconds = milliseconds / 1000
  const days = Math.floor(seconds / 86_400)
  const time = [
    [Math.floor((seconds % 86_400) / 3600), 'H'],
    [Math.floor((seconds % 3600) / 60), 'M'],
    [seconds % 60, 'S'],
  ] as const
  const parts = time.filter(([n]) => n > 0).map(([n, unit]) => `${n}${unit}`)
  return `P${days > 0 ? `${days}D` : ''}${parts.length > 0 ? `T${parts.join('')}` : days > 0 ? '' : 'T0S'}`
}
