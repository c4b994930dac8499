import { ConfigError, sqlFilter } from '../config.ts'
import type { CorrelationFilter, Filter, Rule } from '../engine/description.ts'
import { Failure } from '../engine/failure.ts'
import type { Entity, SubscriptionEntity } from '../engine/namespace.ts'
import rhea, { type Typed } from './rhea.ts'

const { types } = rhea

type Body = Readonly<Record<string, unknown>>

/** Descriptors of the composite types in which the service describes rules (those of filters are a digit shorter). */
const descriptor = {
  rule: 0x13700000004,
  emptyAction: 0x13700000005,
  trueFilter: 0x1370000007,
  falseFilter: 0x1370000008,
  correlationFilter: 0x1370000009,
} as const

export function subscriptionOf(entity: Entity): SubscriptionEntity {
  if (entity.kind !== 'subscription')
    throw new Failure('not-allowed', `'${entity.path}' is not a subscription: it has no rules.`)
  return entity as SubscriptionEntity
}

export function addRule(subscription: SubscriptionEntity, body: Body): void {
  const name = String(body['rule-name'] ?? '')
  if (subscription.rules.some((rule) => rule.name.toLowerCase() === name.toLowerCase())) {
    throw new Failure('entity-already-exists', `The rule '${name}' exists already.`)
  }
  const description = (body['rule-description'] ?? {}) as Body
  if (description['sql-rule-action']) throw new Failure('argument-error', 'Rule actions are not supported.')
  subscription.rules = [...subscription.rules, { name, filter: readFilter(description) }]
}

export function removeRule(subscription: SubscriptionEntity, body: Body): void {
  const name = String(body['rule-name'] ?? '')
  const rules = subscription.rules.filter((rule) => rule.name.toLowerCase() !== name.toLowerCase())
  if (rules.length === subscription.rules.length) {
    throw new Failure(
      'entity-not-found',
      `The messaging entity '${subscription.path}/Rules/${name}' could not be found.`,
    )
  }
  subscription.rules = rules
}

export function listRules(subscription: SubscriptionEntity, body: Body): Typed[] {
  const skip = Number(body.skip ?? 0)
  return subscription.rules
    .slice(skip, skip + Number(body.top ?? 100))
    .map((rule) => types.wrap_map({ 'rule-description': describe(rule) }))
}

function readFilter(description: Body): Filter {
  const sql = description['sql-filter'] as Body | undefined
  if (sql) {
    try {
      return sqlFilter(String(sql.expression ?? ''), 'sql-filter')
    } catch (error) {
      throw error instanceof ConfigError ? new Failure('argument-error', error.message) : error
    }
  }
  const correlation = (description['correlation-filter'] ?? {}) as Body
  const filter: CorrelationFilter = {
    kind: 'correlation',
    correlationId: text(correlation['correlation-id']),
    messageId: text(correlation['message-id']),
    to: text(correlation.to),
    replyTo: text(correlation['reply-to']),
    subject: text(correlation.label),
    sessionId: text(correlation['session-id']),
    replyToSessionId: text(correlation['reply-to-session-id']),
    contentType: text(correlation['content-type']),
    applicationProperties: (correlation.properties ?? {}) as Record<string, unknown>,
  }
  return filter
}

function text(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value)
}

function describe({ name, filter }: Rule): Typed {
  const action = types.wrap_described([], descriptor.emptyAction)
  return types.wrap_described([describeFilter(filter), action, name], descriptor.rule)
}

function describeFilter(filter: Filter): Typed {
  if (filter.kind === 'true') return types.wrap_described([], descriptor.trueFilter)
  if (filter.kind === 'false') return types.wrap_described([], descriptor.falseFilter)
  const fields = [
    filter.correlationId,
    filter.messageId,
    filter.to,
    filter.replyTo,
    filter.subject,
    filter.sessionId,
    filter.replyToSessionId,
    filter.contentType,
    { ...filter.applicationProperties },
  ]
  return types.wrap_described(fields, descriptor.correlationFilter)
}
