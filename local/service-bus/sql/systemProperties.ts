import { SqlEvaluationError } from './error.ts'
import type { Expression, Predicate, PropertyName, Statement } from './syntax.ts'

/** The system properties that an action can set. Source: BrokeredMessage's public properties with a setter. */
const writable = [
  'ContentType',
  'CorrelationId',
  'Label',
  'MessageId',
  'PartitionKey',
  'ReplyTo',
  'ReplyToSessionId',
  'SessionId',
  'To',
  'ViaPartitionKey',
]

const readable = [
  ...writable,
  'DeadLetterSource',
  'DeliveryCount',
  'EnqueuedSequenceNumber',
  'EnqueuedTimeUtc',
  'ExpiresAtUtc',
  'ScheduledEnqueueTimeUtc',
  'SequenceNumber',
  'Size',
  'TimeToLive',
]

const readableNames = new Set(readable.map((name) => name.toLowerCase()))
const writableNames = new Set(writable.map((name) => name.toLowerCase()))

/** The name in lower case. Throws `SqlEvaluationError` when messages have no such property. */
export function checkReadable(name: string): string {
  const lower = name.toLowerCase()
  if (readableNames.has(lower)) return lower
  const hint = lower === 'subject' ? "the subject is 'sys.Label'" : `there are: ${readable.join(', ')}`
  throw new SqlEvaluationError(`A message has no system property '${name}' (${hint}).`)
}

/** The name in lower case. Throws `SqlEvaluationError` when an action cannot set the property. */
export function checkWritable(name: string): string {
  const lower = checkReadable(name)
  if (writableNames.has(lower)) return lower
  throw new SqlEvaluationError(
    `The system property '${name}' cannot be set (there are: ${writable.join(', ')}).`,
  )
}

/**
 * Checks the system properties of a filter before any message comes. Throws `SqlEvaluationError`. (The service lets such
 * a filter pass and then fails for each message.)
 */
export function checkFilter(predicate: Predicate): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      checkFilter(predicate.left)
      checkFilter(predicate.right)
      break
    case 'not':
      checkFilter(predicate.operand)
      break
    case 'comparison':
      checkExpression(predicate.left)
      checkExpression(predicate.right)
      break
    case 'exists':
    case 'isNull':
      checkProperty(predicate.property)
      break
    case 'in':
      for (const expression of [predicate.value, ...predicate.list]) checkExpression(expression)
      break
    case 'like':
      checkExpression(predicate.value)
      checkExpression(predicate.pattern)
  }
}

/** Checks the system properties of an action. Throws `SqlEvaluationError`. */
export function checkAction(statements: readonly Statement[]): void {
  for (const statement of statements) {
    if (statement.property.scope === 'sys') checkWritable(statement.property.name)
    if (statement.kind === 'set') checkExpression(statement.value)
  }
}

function checkExpression(expression: Expression): void {
  if (expression.kind === 'property') checkProperty(expression.property)
  else if (expression.kind === 'sign') checkExpression(expression.operand)
  else if (expression.kind === 'propertyByName') checkExpression(expression.name)
  else if (expression.kind === 'arithmetic') {
    checkExpression(expression.left)
    checkExpression(expression.right)
  }
}

function checkProperty({ scope, name }: PropertyName): void {
  if (scope === 'sys') checkReadable(name)
}
