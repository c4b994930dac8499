import {
  ConfigError,
  child,
  children,
  count,
  duration,
  flag,
  type Node,
  never,
  nodeAt,
  oneOf,
  text,
} from './configReader.ts'
import { readRule } from './configRules.ts'
import {
  defaultDuplicateDetectionWindow,
  defaultRuleName,
  defaultSettings,
  type EntityDescription,
  type NamespaceDescription,
  type QueueDescription,
  type QueueSettings,
  type SubscriptionDescription,
  type TopicDescription,
} from './engine/description.ts'

export { ConfigError } from './configReader.ts'

export interface ConfigOptions {
  /** Serve this namespace of the configuration alone. Default: all, as one. */
  readonly namespace?: string | undefined
}

const statuses = ['Active', 'Disabled', 'SendDisabled', 'ReceiveDisabled'] as const

const logging = ['File', 'Console', 'File,Console', 'Console,File'] as const

const common = [
  'AutoDeleteOnIdle',
  'DefaultMessageTimeToLive',
  'EnableBatchedOperations',
  'EnableExpress',
  'EnablePartitioning',
  'Status',
  'UserMetadata',
]

const sending = [
  'DuplicateDetectionHistoryTimeWindow',
  'MaxMessageSizeInKilobytes',
  'MaxSizeInMegabytes',
  'RequiresDuplicateDetection',
]

const receiving = [
  'DeadLetteringOnMessageExpiration',
  'ForwardDeadLetteredMessagesTo',
  'ForwardTo',
  'LockDuration',
  'MaxDeliveryCount',
  'RequiresSession',
]

/**
 * Reads a configuration in the JSON format of Microsoft's Service Bus emulator: an object, or its text. What it says is
 * followed or refused (`ConfigError`), never ignored. Without a configuration the namespace is empty.
 */
export function readConfig(config: unknown, options: ConfigOptions = {}): NamespaceDescription {
  if (config === undefined) return { queues: [], topics: [] }
  const parsed = typeof config === 'string' ? parse(config) : config
  const user = child(nodeAt(parsed, 'config', ['$schema', 'UserConfig']), 'UserConfig', [
    'Logging',
    'Namespaces',
  ])
  oneOf(child(user, 'Logging', ['Type']), 'Type', logging)
  const namespaces = chosen(children(user, 'Namespaces', ['Name', 'Queues', 'Topics']), options.namespace)
  return {
    queues: once(
      namespaces.flatMap((namespace) =>
        children(namespace, 'Queues', ['Name', 'Properties']).map(located(queueAt)),
      ),
    ),
    topics: once(
      namespaces.flatMap((namespace) =>
        children(namespace, 'Topics', ['Name', 'Properties', 'Subscriptions']).map(located(topicAt)),
      ),
    ),
  }
}

/** Editors on Windows put a byte-order mark before the text. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new ConfigError('config', `JSON is expected: ${error instanceof Error ? error.message : error}`)
  }
}

function chosen(namespaces: readonly Node[], wanted: string | undefined): readonly Node[] {
  if (wanted === undefined) return namespaces
  const found = namespaces.filter(
    (namespace) => text(namespace, 'Name')?.toLowerCase() === wanted.toLowerCase(),
  )
  if (found.length > 0) return found
  throw new ConfigError('config.UserConfig.Namespaces', `there is no namespace '${wanted}'`)
}

interface Located<T> {
  readonly where: string
  readonly description: T
}

function located<T>(read: (node: Node) => T): (node: Node) => Located<T> {
  return (node) => ({ where: node.where, description: read(node) })
}

/** Entities that several namespaces have are one, if they are declared alike. */
function once<T extends EntityDescription>(entities: readonly Located<T>[]): T[] {
  const byName = new Map<string, Located<T>>()
  for (const entity of entities) {
    const key = entity.description.name.toLowerCase()
    const earlier = byName.get(key)
    if (earlier === undefined) byName.set(key, entity)
    else if (namespaceOf(earlier.where) === namespaceOf(entity.where)) {
      throw new ConfigError(
        entity.where,
        `'${entity.description.name}' is declared twice (also at ${earlier.where})`,
      )
    } else if (fingerprint(earlier.description) !== fingerprint(entity.description)) {
      const advice = 'declare both alike, or start one broker for each with the option namespace'
      throw new ConfigError(
        entity.where,
        `'${entity.description.name}' is declared otherwise at ${earlier.where}: ${advice}`,
      )
    }
  }
  return [...byName.values()].map(({ description }) => description)
}

function namespaceOf(where: string): string {
  return /^config\.UserConfig\.Namespaces\[\d+\]/.exec(where)?.[0] ?? ''
}

function fingerprint(description: EntityDescription): string {
  return JSON.stringify(description, (_key, value) =>
    typeof value === 'bigint' || value === Number.POSITIVE_INFINITY ? String(value) : value,
  )
}

/** Reads one queue. Throws `ConfigError`. */
export function queueAt(node: Node): QueueDescription {
  const properties = child(node, 'Properties', [...common, ...sending, ...receiving])
  return {
    name: entityName(node, 260),
    ...described(properties),
    ...forwards(properties),
    settings: settings(properties),
  }
}

/** Reads one topic. Throws `ConfigError`. */
export function topicAt(node: Node): TopicDescription {
  const properties = child(node, 'Properties', [...common, ...sending, 'SupportOrdering'])
  return {
    name: entityName(node, 260),
    ...described(properties),
    supportOrdering: flag(properties, 'SupportOrdering', true),
    settings: settings(properties),
    subscriptions: children(node, 'Subscriptions', ['Name', 'Properties', 'Rules']).map(subscriptionAt),
  }
}

/** Reads one subscription. Throws `ConfigError`. */
export function subscriptionAt(node: Node): SubscriptionDescription {
  const properties = child(node, 'Properties', [
    ...common,
    ...receiving,
    'DeadLetteringOnFilterEvaluationExceptions',
  ])
  const rules = children(node, 'Rules', ['Name', 'Properties']).map(readRule)
  return {
    name: subscriptionName(node),
    ...described(properties),
    ...forwards(properties),
    settings: settings(properties),
    deadLetteringOnFilterErrors: flag(properties, 'DeadLetteringOnFilterEvaluationExceptions'),
    rules: rules.length > 0 ? rules : [{ name: defaultRuleName, filter: { kind: 'true' } }],
  }
}

function entityName(node: Node, longest: number): string {
  const name = text(node, 'Name')
  if (name === undefined) throw new ConfigError(`${node.where}.Name`, 'a name is expected')
  if (name.length <= longest && /^[A-Za-z0-9]([\w\-./~]*[A-Za-z0-9])?$/.test(name)) return name
  const what = `at most ${longest} letters, digits, points, hyphens, underscores and slashes are expected`
  throw new ConfigError(`${node.where}.Name`, `${what}, a letter or digit at both ends, not '${name}'`)
}

/** Clients refuse slashes here: a subscription's path would be ambiguous. */
function subscriptionName(node: Node): string {
  const name = entityName(node, 50)
  if (!name.includes('/')) return name
  throw new ConfigError(`${node.where}.Name`, `the name of a subscription has no slashes, not '${name}'`)
}

function described(properties: Node) {
  never(properties, 'EnableExpress', 'express entities do not exist in the broker')
  never(properties, 'EnablePartitioning', 'partitioned entities do not exist in the broker')
  return {
    status: oneOf(properties, 'Status', statuses),
    autoDeleteOnIdle: finite(duration(properties, 'AutoDeleteOnIdle', { least: 'PT5M' })),
    userMetadata: text(properties, 'UserMetadata'),
    enableBatchedOperations: flag(properties, 'EnableBatchedOperations', true),
  }
}

function finite(milliseconds: number | undefined): number | undefined {
  return milliseconds === Number.POSITIVE_INFINITY ? undefined : milliseconds
}

function forwards(properties: Node) {
  return {
    forwardTo: text(properties, 'ForwardTo'),
    forwardDeadLetteredMessagesTo: text(properties, 'ForwardDeadLetteredMessagesTo'),
  }
}

function settings(properties: Node): QueueSettings {
  const window = duration(properties, 'DuplicateDetectionHistoryTimeWindow', { most: 'P7D' })
  const megabytes = count(properties, 'MaxSizeInMegabytes')
  const kilobytes = count(properties, 'MaxMessageSizeInKilobytes', 102_400)
  return {
    lockDuration: duration(properties, 'LockDuration', { most: 'PT5M' }) ?? defaultSettings.lockDuration,
    maxDeliveryCount: count(properties, 'MaxDeliveryCount', 2000) ?? defaultSettings.maxDeliveryCount,
    defaultTimeToLive: duration(properties, 'DefaultMessageTimeToLive') ?? defaultSettings.defaultTimeToLive,
    deadLetteringOnExpiration: flag(properties, 'DeadLetteringOnMessageExpiration'),
    duplicateDetectionWindow: flag(properties, 'RequiresDuplicateDetection')
      ? (window ?? defaultDuplicateDetectionWindow)
      : 0,
    requiresSession: flag(properties, 'RequiresSession'),
    maxSize: megabytes === undefined ? defaultSettings.maxSize : megabytes * 1024 * 1024,
    ...(kilobytes !== undefined && { maxMessageSize: kilobytes * 1024 }),
  }
}
