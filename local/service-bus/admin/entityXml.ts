import { queueAt, subscriptionAt, topicAt } from '../config.ts'
import { ConfigError, type Node } from '../configReader.ts'
import type {
  EntityDescription,
  QueueDescription,
  SubscriptionDescription,
  TopicDescription,
} from '../engine/description.ts'
import { Failure } from '../engine/failure.ts'
import { isElement, nodeOf, type RequestBody, textIn, type XmlNode } from './body.ts'
import { readRule } from './ruleXml.ts'

/** What the broker tells and no client decides; clients send it back when they change an entity. */
const readOnly = new Set([
  'AccessedAt',
  'CountDetails',
  'CreatedAt',
  'EntityAvailabilityStatus',
  'IsReadOnly',
  'MessageCount',
  'SizeInBytes',
  'SkippedUpdate',
  'SubscriptionCount',
  'UpdatedAt',
])

/** What the .NET client always sends, and the broker only takes as false. */
const absent = new Set([
  'EnableSubscriptionPartitioning',
  'FilteringMessagesBeforePublishing',
  'IsAnonymousAccessible',
])

const flags = new Set([
  'DeadLetteringOnFilterEvaluationExceptions',
  'DeadLetteringOnMessageExpiration',
  'EnableBatchedOperations',
  'EnableExpress',
  'EnablePartitioning',
  'RequiresDuplicateDetection',
  'RequiresSession',
  'SupportOrdering',
])

const numbers = new Set(['MaxDeliveryCount', 'MaxMessageSizeInKilobytes', 'MaxSizeInMegabytes'])

/** Reads a `QueueDescription`; what it leaves out is as `current` has it where that is fixed, else the default. */
export function readQueue(name: string, body: RequestBody, current?: EntityDescription): QueueDescription {
  return checked(() => queueAt(node(name, body, current)))
}

/** Reads a `TopicDescription`. */
export function readTopic(name: string, body: RequestBody, current?: TopicDescription): TopicDescription {
  const description = checked(() => topicAt(node(name, body, current)))
  return { ...description, subscriptions: current?.subscriptions ?? [] }
}

/** Reads a `SubscriptionDescription`, with its first rule when it is new. */
export function readSubscription(
  name: string,
  body: RequestBody,
  current?: SubscriptionDescription,
): SubscriptionDescription {
  const description = checked(() => subscriptionAt(node(name, body, current)))
  if (current !== undefined) return { ...description, rules: current.rules }
  const first = nodeOf(body.fields.DefaultRuleDescription)
  return first === undefined ? description : { ...description, rules: [readRule(first)] }
}

/** The description as the configuration would have it: there it is checked. */
function node(name: string, { type, fields }: RequestBody, current: EntityDescription | undefined): Node {
  const properties: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (isElement(key) && !readOnly.has(key)) Object.assign(properties, property(type, key, value))
  }
  if (current?.settings.requiresSession) properties.RequiresSession ??= true
  if ((current?.settings.duplicateDetectionWindow ?? 0) > 0) properties.RequiresDuplicateDetection ??= true
  return { where: type, value: { Name: name, Properties: properties } }
}

function property(type: string, key: string, value: XmlNode[string]): Record<string, unknown> {
  const text = textIn(value) ?? ''
  if (key === 'DefaultRuleDescription') return {}
  if (key === 'AuthorizationRules') {
    if (nodeOf(value)?.AuthorizationRule === undefined) return {}
    throw new ConfigError(`${type}.${key}`, 'keys of single entities do not exist in the broker')
  }
  if (absent.has(key)) {
    if (text !== 'true') return {}
    throw new ConfigError(`${type}.${key}`, 'there is no such thing in the broker')
  }
  if (key === 'ForwardTo' || key === 'ForwardDeadLetteredMessagesTo') return { [key]: pathIn(text) }
  if (flags.has(key) && /^(true|false)$/i.test(text)) return { [key]: text.toLowerCase() === 'true' }
  if (numbers.has(key) && /^\d+$/.test(text)) return { [key]: Number(text) }
  return { [key]: text }
}

/** The path in an absolute URL, or the path itself. */
function pathIn(target: string): string {
  const path = URL.canParse(target) ? new URL(target.replace(/^sb:/, 'https:')).pathname : target
  try {
    return decodeURIComponent(path).replace(/^\/+|\/+$/g, '')
  } catch {
    throw new ConfigError('ForwardTo', `a path is expected, not '${target}'`)
  }
}

function checked<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof ConfigError ? new Failure('argument-error', error.message) : error
  }
}
