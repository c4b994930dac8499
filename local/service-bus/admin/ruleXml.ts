import { parseDuration } from '../configReader.ts'
import type { CorrelationFilter, Filter, Rule, SqlExpression } from '../engine/description.ts'
import { Failure } from '../engine/failure.ts'
import { checkRule } from '../engine/rules.ts'
import { type TypedValue, textOf, textValue } from '../engine/value.ts'
import { type Content, element, type Fields } from './atom.ts'
import { attribute, nodeOf, textIn, type XmlNode } from './body.ts'
import { isoDuration } from './durations.ts'

const schemaNamespace = 'http://www.w3.org/2001/XMLSchema'
const ticksPerMillisecond = 10_000n

/** The names that XML Schema has for types of values; the rest travels as text. */
const schemaTypes: Partial<Record<TypedValue['type'], string>> = {
  boolean: 'boolean',
  double: 'double',
  float: 'float',
  int: 'int',
  long: 'long',
  timespan: 'duration',
  timestamp: 'dateTime',
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The elements of a `RuleDescription`. */
export function ruleFields({ name, filter, action, createdAt = 0 }: Rule): Fields {
  return {
    Filter: filterElement(filter),
    Action: action === undefined ? typed('EmptyRuleAction', '') : sqlElement('SqlRuleAction', action),
    CreatedAt: new Date(createdAt).toISOString(),
    Name: name,
  }
}

function filterElement(filter: Filter): Content {
  if (filter.kind === 'sql') return sqlElement('SqlFilter', filter)
  if (filter.kind === 'true') return sqlElement('TrueFilter', { expression: '1=1' })
  if (filter.kind === 'false') return sqlElement('FalseFilter', { expression: '1=0' })
  return typed('CorrelationFilter', {
    CorrelationId: filter.correlationId,
    MessageId: filter.messageId,
    To: filter.to,
    ReplyTo: filter.replyTo,
    Label: filter.subject,
    SessionId: filter.sessionId,
    ReplyToSessionId: filter.replyToSessionId,
    ContentType: filter.contentType,
    ...valueFields('Properties', filter.applicationProperties),
  })
}

function sqlElement(type: string, { expression, parameters }: SqlExpression): Content {
  const fields = { SqlExpression: expression, CompatibilityLevel: 20 }
  return typed(type, { ...fields, ...valueFields('Parameters', parameters) })
}

function typed(type: string, fields: Content): Content {
  return element({ 'i:type': type }, fields)
}

function valueFields(name: string, values: Readonly<Record<string, TypedValue>> = {}): Fields {
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

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Reads a `RuleDescription`. Throws `argument-error`. */
export function readRule(fields: XmlNode, name = textIn(fields.Name) ?? ''): Rule {
  const action = nodeOf(fields.Action)
  const expression = action && textIn(action.SqlExpression)
  const rule: Rule = {
    name,
    filter: readFilter(nodeOf(fields.Filter)),
    ...(expression && action && { action: { expression, ...readParameters(action) } }),
  }
  checkRule(rule)
  return rule
}

function readFilter(filter: XmlNode | undefined): Filter {
  const type = filter && textIn(filter[`${attribute}type`])
  switch (type) {
    case undefined:
    case 'TrueFilter':
      return { kind: 'true' }
    case 'FalseFilter':
      return { kind: 'false' }
    case 'SqlFilter': {
      const expression = textIn(filter?.SqlExpression) ?? ''
      return { kind: 'sql', expression, ...readParameters(filter ?? {}) }
    }
    case 'CorrelationFilter':
      return readCorrelationFilter(filter ?? {})
    default:
      throw new Failure('argument-error', `'${type}' is not a type of filter.`)
  }
}

function readParameters(node: XmlNode): { parameters?: Record<string, TypedValue> } {
  const parameters = readValues(node.Parameters)
  return Object.keys(parameters).length > 0 ? { parameters } : {}
}

function readCorrelationFilter(filter: XmlNode): CorrelationFilter {
  const text = (name: string) => textIn(filter[name]) || undefined
  return {
    kind: 'correlation',
    correlationId: text('CorrelationId'),
    messageId: text('MessageId'),
    to: text('To'),
    replyTo: text('ReplyTo'),
    subject: text('Label'),
    sessionId: text('SessionId'),
    replyToSessionId: text('ReplyToSessionId'),
    contentType: text('ContentType'),
    applicationProperties: readValues(filter.Properties),
  }
}

function readValues(list: XmlNode[string] | undefined): Record<string, TypedValue> {
  const pairs = nodeOf(list)?.KeyValueOfstringanyType
  const values: Record<string, TypedValue> = {}
  for (const pair of Array.isArray(pairs) ? (pairs as readonly XmlNode[]) : []) {
    values[textIn(pair.Key) ?? ''] = readValue(pair.Value)
  }
  return values
}

function readValue(value: XmlNode[string] | undefined): TypedValue {
  const text = textIn(value) ?? ''
  const type = textIn(nodeOf(value)?.[`${attribute}type`])?.replace(/^.*:/, '') ?? 'string'
  const read = readers[type]?.(text)
  if (read !== undefined) return read
  throw new Failure('argument-error', `'${text}' is not a value of type '${type}'.`)
}

/** Undefined when the text is not of the type. */
const readers: Readonly<Record<string, (text: string) => TypedValue | undefined>> = {
  string: textValue,
  int: (text) => whole('int', text),
  long: (text) => whole('long', text),
  double: (text) => floating('double', text),
  float: (text) => floating('float', text),
  boolean: (text) =>
    /^(true|false|1|0)$/.test(text) ? { type: 'boolean', value: /^(true|1)$/.test(text) } : undefined,
  dateTime(text) {
    const value = new Date(text)
    return Number.isNaN(value.getTime()) ? undefined : { type: 'timestamp', value }
  },
  duration(text) {
    const milliseconds = parseDuration(text)
    if (milliseconds === undefined || !Number.isFinite(milliseconds)) return undefined
    return { type: 'timespan', value: BigInt(Math.round(milliseconds)) * ticksPerMillisecond }
  },
}

function whole(type: 'int' | 'long', text: string): TypedValue | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(type === 'int' ? 32 : 64, value) === value ? { type, value } : undefined
}

function floating(type: 'double' | 'float', text: string): TypedValue | undefined {
  const value = Number(text.replace(/^(-?)INF$/, '$1Infinity'))
  return text.trim() === '' || (Number.isNaN(value) && text !== 'NaN') ? undefined : { type, value }
}
