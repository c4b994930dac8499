import { SqlEvaluationError } from '../sql/error.ts'
import { evaluate } from '../sql/evaluate.ts'
import { parseAction } from '../sql/parser.ts'
import type { Statement } from '../sql/syntax.ts'
import { checkWritable } from '../sql/systemProperties.ts'
import type { SqlExpression } from './description.ts'
import { type FilterableProperties, scopeOf } from './filters.ts'
import { isText, type TypedValue } from './value.ts'

/** What an action changes of a message; `undefined` removes a property. */
export interface PropertyChanges {
  /** By the names in lower case that SQL knows them by, such as `label`. */
  readonly system: ReadonlyMap<string, string | undefined>
  readonly applicationProperties: ReadonlyMap<string, TypedValue | undefined>
}

const parsed = new WeakMap<SqlExpression, readonly Statement[]>()

/** Performs an action's statements, each on what those before it left. Throws `SqlEvaluationError`. */
export function perform(action: SqlExpression, message: FilterableProperties): PropertyChanges {
  const now = { system: { ...message.system }, applicationProperties: { ...message.applicationProperties } }
  const system = new Map<string, string | undefined>()
  const applicationProperties = new Map<string, TypedValue | undefined>()
  const scope = scopeOf(action, () => now)
  for (const statement of statementsOf(action)) {
    const { scope: place, name } = statement.property
    const value = statement.kind === 'set' ? evaluate(statement.value, scope) : undefined
    if (place === 'sys') {
      const key = checkWritable(name)
      if (value !== undefined && !isText(value)) {
        throw new SqlEvaluationError(`The system property '${name}' is a text, not of type '${value.type}'.`)
      }
      system.set(key, value?.value)
      now.system[key] = value
    } else {
      const key = existing(now.applicationProperties, name) ?? name
      applicationProperties.set(key, value)
      if (value === undefined) delete now.applicationProperties[key]
      else now.applicationProperties[key] = value
    }
  }
  return { system, applicationProperties }
}

function existing(properties: Readonly<Record<string, TypedValue>>, name: string): string | undefined {
  const lower = name.toLowerCase()
  return Object.keys(properties).find((candidate) => candidate.toLowerCase() === lower)
}

function statementsOf(action: SqlExpression): readonly Statement[] {
  let statements = parsed.get(action)
  if (statements === undefined) {
    statements = parseAction(action.expression)
    parsed.set(action, statements)
  }
  return statements
}
