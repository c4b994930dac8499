import { ConfigError, child, has, type Node, never, oneOf, text } from './configReader.ts'
import type { CorrelationFilter, Filter, Rule, SqlExpression } from './engine/description.ts'
import { Failure } from './engine/failure.ts'
import { checkRule } from './engine/rules.ts'
import { type TypedValue, textValue } from './engine/value.ts'

const correlationKeys = [
  'ContentType',
  'CorrelationId',
  'Label',
  'MessageId',
  'Properties',
  'ReplyTo',
  'ReplyToSessionId',
  'SessionId',
  'Subject',
  'To',
]

const sqlKeys = ['CompatibilityLevel', 'RequiresPreprocessing', 'SqlExpression']

/** Reads a rule of a subscription. Throws `ConfigError`. */
export function readRule(node: Node): Rule {
  const name = text(node, 'Name')
  if (name === undefined) throw new ConfigError(`${node.where}.Name`, 'a name is expected')
  const properties = child(node, 'Properties', ['Action', 'CorrelationFilter', 'FilterType', 'SqlFilter'])
  const action = has(properties, 'Action') ? sql(child(properties, 'Action', sqlKeys)) : undefined
  const rule: Rule = { name, filter: filter(properties), ...(action !== undefined && { action }) }
  try {
    checkRule(rule)
  } catch (error) {
    throw error instanceof Failure ? new ConfigError(node.where, error.message) : error
  }
  return rule
}

function filter(properties: Node): Filter {
  const type = oneOf(properties, 'FilterType', ['Correlation', 'Sql']) ?? impliedType(properties)
  const other = type === 'Sql' ? 'CorrelationFilter' : 'SqlFilter'
  if (has(properties, other)) {
    throw new ConfigError(`${properties.where}.${other}`, `the rule's FilterType is ${type}: leave this out`)
  }
  if (type === 'Correlation')
    return correlationFilter(child(properties, 'CorrelationFilter', correlationKeys))
  const expression = sql(child(properties, 'SqlFilter', sqlKeys))
  if (expression !== undefined) return { kind: 'sql', ...expression }
  throw new ConfigError(`${properties.where}.SqlFilter.SqlExpression`, 'an expression is expected')
}

function impliedType(properties: Node): 'Correlation' | 'Sql' {
  return has(properties, 'SqlFilter') && !has(properties, 'CorrelationFilter') ? 'Sql' : 'Correlation'
}

/** An empty expression is none: the emulator's own file may have an empty action. */
function sql(node: Node): SqlExpression | undefined {
  never(node, 'RequiresPreprocessing', 'expressions are read as they stand')
  const expression = text(node, 'SqlExpression')
  return expression === undefined ? undefined : { expression }
}

function correlationFilter(node: Node): CorrelationFilter {
  const properties = Object.entries(child(node, 'Properties').value)
  return {
    kind: 'correlation',
    contentType: text(node, 'ContentType'),
    correlationId: text(node, 'CorrelationId'),
    subject: text(node, 'Label') ?? text(node, 'Subject'),
    messageId: text(node, 'MessageId'),
    replyTo: text(node, 'ReplyTo'),
    replyToSessionId: text(node, 'ReplyToSessionId'),
    sessionId: text(node, 'SessionId'),
    to: text(node, 'To'),
    applicationProperties: Object.fromEntries(
      properties.map(([name, value]) => [name, typed(value, `${node.where}.Properties.${name}`)]),
    ),
  }
}

/** A JSON value as a client of the service would send it: whole numbers are an int where they fit into one. */
function typed(value: unknown, where: string): TypedValue {
  if (typeof value === 'string') return textValue(value)
  if (typeof value === 'boolean') return { type: 'boolean', value }
  if (typeof value !== 'number') throw new ConfigError(where, 'a text, a number, true or false is expected')
  if (!Number.isSafeInteger(value)) return { type: 'double', value }
  return { type: (value | 0) === value ? 'int' : 'long', value: BigInt(value) }
}
