import {
  type CorrelationFilter,
  defaultDuplicateDetectionWindow,
  defaultRuleName,
  defaultSettings,
  type Filter,
  maxLockDuration,
  type NamespaceDescription,
  type QueueDescription,
  type QueueSettings,
  type Rule,
  type SubscriptionDescription,
  type TopicDescription,
} from './engine/description.ts'

/** A configuration that the broker cannot work with; the message says where and why. */
export class ConfigError extends Error {
  constructor(where: string, what: string) {
    super(`${where}: ${what}`)
    this.name = 'ConfigError'
  }
}

/** A node of the configuration, and where it stands in it. */
interface Node {
  readonly where: string
  readonly value: Readonly<Record<string, unknown>>
}

/**
 * Reads a configuration in the JSON format of Microsoft's Service Bus emulator. Throws `ConfigError`.
 * Without a configuration the namespace is empty.
 */
export function readConfig(config: unknown): NamespaceDescription {
  if (config === undefined) return { queues: [], topics: [] }
  const user = child(asNode(config, 'config'), 'UserConfig')
  const namespaces = children(user, 'Namespaces')
  return {
    queues: namespaces.flatMap((namespace) => children(namespace, 'Queues').map(queue)),
    topics: namespaces.flatMap((namespace) => children(namespace, 'Topics').map(topic)),
  }
}

function queue(node: Node): QueueDescription {
  const properties = child(node, 'Properties')
  return {
    name: name(node),
    settings: settings(properties),
    forwardTo: text(properties, 'ForwardTo'),
    forwardDeadLetteredMessagesTo: text(properties, 'ForwardDeadLetteredMessagesTo'),
  }
}

function topic(node: Node): TopicDescription {
  return {
    name: name(node),
    settings: settings(child(node, 'Properties')),
    subscriptions: children(node, 'Subscriptions').map(subscription),
  }
}

function subscription(node: Node): SubscriptionDescription {
  const rules = children(node, 'Rules').map(rule)
  return {
    ...queue(node),
    rules: rules.length > 0 ? rules : [{ name: defaultRuleName, filter: { kind: 'true' } }],
  }
}

function settings(properties: Node): QueueSettings {
  const lockDuration = duration(properties, 'LockDuration') ?? defaultSettings.lockDuration
  if (lockDuration > maxLockDuration)
    throw new ConfigError(`${properties.where}.LockDuration`, 'at most PT5M')
  const detectDuplicates = flag(properties, 'RequiresDuplicateDetection')
  const window =
    duration(properties, 'DuplicateDetectionHistoryTimeWindow') ?? defaultDuplicateDetectionWindow
  const megabytes = count(properties, 'MaxSizeInMegabytes')
  return {
    lockDuration,
    maxDeliveryCount: count(properties, 'MaxDeliveryCount') ?? defaultSettings.maxDeliveryCount,
    defaultTimeToLive: duration(properties, 'DefaultMessageTimeToLive') ?? defaultSettings.defaultTimeToLive,
    deadLetteringOnExpiration: flag(properties, 'DeadLetteringOnMessageExpiration'),
    duplicateDetectionWindow: detectDuplicates ? window : 0,
    requiresSession: flag(properties, 'RequiresSession'),
    maxSize: megabytes === undefined ? defaultSettings.maxSize : megabytes * 1024 * 1024,
  }
}

function rule(node: Node): Rule {
  const properties = child(node, 'Properties')
  return { name: name(node), filter: filter(properties) }
}

function filter(properties: Node): Filter {
  const kind = text(properties, 'FilterType') ?? 'Correlation'
  if (kind.toLowerCase() === 'sql') {
    const { where, value } = child(properties, 'SqlFilter')
    return sqlFilter(String(value.SqlExpression ?? ''), where)
  }
  const correlation = child(properties, 'CorrelationFilter')
  const applicationProperties = child(correlation, 'Properties').value
  const result: CorrelationFilter = {
    kind: 'correlation',
    contentType: text(correlation, 'ContentType'),
    correlationId: text(correlation, 'CorrelationId'),
    subject: text(correlation, 'Label') ?? text(correlation, 'Subject'),
    messageId: text(correlation, 'MessageId'),
    replyTo: text(correlation, 'ReplyTo'),
    replyToSessionId: text(correlation, 'ReplyToSessionId'),
    sessionId: text(correlation, 'SessionId'),
    to: text(correlation, 'To'),
    applicationProperties,
  }
  return result
}

/** The two SQL filters that need no SQL. */
export function sqlFilter(expression: string, where: string): Filter {
  const bare = expression.replaceAll(/\s/g, '').toLowerCase()
  if (bare === '1=1' || bare === 'true') return { kind: 'true' }
  if (bare === '1=0' || bare === 'false') return { kind: 'false' }
  throw new ConfigError(where, `SQL filters are not supported (only 1=1 and 1=0): ${expression}`)
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function asNode(value: unknown, where: string): Node {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(where, 'an object is expected')
  return { where, value: value as Record<string, unknown> }
}

function child({ where, value }: Node, key: string): Node {
  return asNode(value[key] ?? {}, `${where}.${key}`)
}

function children({ where, value }: Node, key: string): Node[] {
  const list = value[key] ?? []
  if (!Array.isArray(list)) throw new ConfigError(`${where}.${key}`, 'a list is expected')
  return list.map((item, i) => asNode(item, `${where}.${key}[${i}]`))
}

function name(node: Node): string {
  const value = text(node, 'Name')
  if (value === undefined) throw new ConfigError(`${node.where}.Name`, 'a name is expected')
  return value
}

function text({ where, value }: Node, key: string): string | undefined {
  const found = value[key]
  if (found === undefined || found === null || found === '') return undefined
  if (typeof found !== 'string') throw new ConfigError(`${where}.${key}`, 'a text is expected')
  return found
}

function flag({ where, value }: Node, key: string): boolean {
  const found = value[key] ?? false
  if (typeof found !== 'boolean') throw new ConfigError(`${where}.${key}`, 'true or false is expected')
  return found
}

function count({ where, value }: Node, key: string): number | undefined {
  const found = value[key]
  if (found === undefined || found === null) return undefined
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 1) {
    throw new ConfigError(`${where}.${key}`, 'a whole number of at least 1 is expected')
  }
  return found
}

function duration(node: Node, key: string): number | undefined {
  const found = text(node, key)
  if (found === undefined) return undefined
  const milliseconds = parseDuration(found)
  if (milliseconds === undefined || milliseconds <= 0) {
    throw new ConfigError(
      `${node.where}.${key}`,
      `an ISO 8601 duration such as PT1M is expected, not '${found}'`,
    )
  }
  return milliseconds
}

/** The milliseconds of an ISO 8601 duration of days, hours, minutes and seconds. */
export function parseDuration(iso: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(iso)
  if (match === null || iso === 'P' || iso.endsWith('T')) return undefined
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ]
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
}
