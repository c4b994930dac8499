import type { Broker } from '../broker.ts'
import type { CorrelationFilter, Filter, Rule, SqlExpression } from '../engine/description.ts'
import { Failure } from '../engine/failure.ts'
import type { Entity, SubscriptionEntity } from '../engine/namespace.ts'
import { checkRule } from '../engine/rules.ts'
import { type MapReader, mapAt } from './maps.ts'
import rhea, { type Typed } from './rhea.ts'
import { writeTyped } from './values.ts'

const { types } = rhea

/** Descriptors of the composite types in which the service describes rules (those of filters are a digit shorter). */
const descriptor = {
  rule: 0x13700000004,
  emptyAction: 0x13700000005,
  sqlAction: 0x13700000006,
  sqlFilter: 0x1370000006,
  trueFilter: 0x1370000007,
  falseFilter: 0x1370000008,
  correlationFilter: 0x1370000009,
} as const

/** The dialect of SQL that all clients write. */
const compatibilityLevel = 20

export function subscriptionOf(entity: Entity): SubscriptionEntity {
  if (entity.kind !== 'subscription')
    throw new Failure('not-allowed', `'${entity.path}' is not a subscription: it has no rules.`)
  return entity as SubscriptionEntity
}

/** Adds the rule of a request, whose body is read with the types of its values. */
export function addRule(subscription: SubscriptionEntity, body: Buffer, broker: Broker): void {
  const request = mapAt(body, 0)
  const description = request.map('rule-description')
  const action = description?.map('sql-rule-action')?.text('expression')
  const rule: Rule = {
    name: request.text('rule-name') ?? '',
    filter: readFilter(description),
    ...(action !== undefined && { action: { expression: action } }),
  }
  checkRule(rule)
  broker.namespace.addRule(subscription, rule, broker.now())
}

export function removeRule(
  subscription: SubscriptionEntity,
  body: Readonly<Record<string, unknown>>,
  broker: Broker,
): void {
  broker.namespace.removeRule(subscription, String(body['rule-name'] ?? ''), broker.now())
}

export function listRules(
  subscription: SubscriptionEntity,
  body: Readonly<Record<string, unknown>>,
): Typed[] {
  const skip = Number(body.skip ?? 0)
  return subscription.description.rules
    .slice(skip, skip + Number(body.top ?? 100))
    .map((rule) => types.wrap_map({ 'rule-description': describe(rule) }))
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function readFilter(description: MapReader | undefined): Filter {
  const sql = description?.map('sql-filter')
  if (sql !== undefined) return { kind: 'sql', expression: sql.text('expression') ?? '' }
  if (description?.map('true-filter') !== undefined) return { kind: 'true' }
  if (description?.map('false-filter') !== undefined) return { kind: 'false' }
  const correlation = description?.map('correlation-filter')
  const filter: CorrelationFilter = {
    kind: 'correlation',
    correlationId: correlation?.text('correlation-id'),
    messageId: correlation?.text('message-id'),
    to: correlation?.text('to'),
    replyTo: correlation?.text('reply-to'),
    subject: correlation?.text('label'),
    sessionId: correlation?.text('session-id'),
    replyToSessionId: correlation?.text('reply-to-session-id'),
    contentType: correlation?.text('content-type'),
    applicationProperties: correlation?.map('properties')?.values() ?? {},
  }
  return filter
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function describe({ name, filter, action, createdAt = 0 }: Rule): Typed {
  const fields = [describeFilter(filter), describeAction(action), name, types.wrap_timestamp(createdAt)]
  return types.wrap_described(fields, descriptor.rule)
}

function describeAction(action: SqlExpression | undefined): Typed {
  if (action === undefined) return types.wrap_described([], descriptor.emptyAction)
  return types.wrap_described([action.expression, types.wrap_int(compatibilityLevel)], descriptor.sqlAction)
}

function describeFilter(filter: Filter): Typed {
  if (filter.kind === 'true') return types.wrap_described([], descriptor.trueFilter)
  if (filter.kind === 'false') return types.wrap_described([], descriptor.falseFilter)
  if (filter.kind === 'sql') {
    return types.wrap_described([filter.expression, types.wrap_int(compatibilityLevel)], descriptor.sqlFilter)
  }
  const properties = Object.entries(filter.applicationProperties ?? {}).map(
    ([name, value]) => [name, new types.Reader(writeTyped(value)).read()] as const,
  )
  const fields = [
    filter.correlationId,
    filter.messageId,
    filter.to,
    filter.replyTo,
    filter.subject,
    filter.sessionId,
    filter.replyToSessionId,
    filter.contentType,
    types.wrap_map(Object.fromEntries(properties)),
  ]
  return types.wrap_described(fields, descriptor.correlationFilter)
}
