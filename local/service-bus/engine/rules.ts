import { SqlEvaluationError, SqlSyntaxError } from '../sql/error.ts'
import { parseAction, parseFilter } from '../sql/parser.ts'
import { checkAction, checkFilter } from '../sql/systemProperties.ts'
import type { CorrelationFilter, Rule } from './description.ts'
import type { SubscriptionEntity } from './entities.ts'
import { Failure } from './failure.ts'

/** The rule with a name, whatever its case. */
export function findRule({ description }: SubscriptionEntity, name: string): Rule | undefined {
  const lower = name.toLowerCase()
  return description.rules.find((rule) => rule.name.toLowerCase() === lower)
}

/** The rules with one more. Throws `entity-already-exists`. */
export function withRule(subscription: SubscriptionEntity, rule: Rule, now: number): Rule[] {
  if (findRule(subscription, rule.name) !== undefined) {
    throw new Failure('entity-already-exists', `The rule '${rule.name}' exists already.`)
  }
  return [...subscription.description.rules, { ...rule, createdAt: now }]
}

/** The rules with another in the place of the one of its name. Throws `entity-not-found`. */
export function withRuleReplaced(subscription: SubscriptionEntity, rule: Rule): Rule[] {
  const old = existing(subscription, rule.name)
  const { rules } = subscription.description
  return rules.map((each) => (each === old ? { ...rule, name: old.name, createdAt: old.createdAt } : each))
}

/** The rules without one. Throws `entity-not-found`. */
export function withoutRule(subscription: SubscriptionEntity, name: string): Rule[] {
  const old = existing(subscription, name)
  return subscription.description.rules.filter((each) => each !== old)
}

function existing(subscription: SubscriptionEntity, name: string): Rule {
  const rule = findRule(subscription, name)
  if (rule !== undefined) return rule
  throw new Failure(
    'entity-not-found',
    `The messaging entity '${subscription.path}/Rules/${name}' could not be found.`,
  )
}

/** Refuses (`argument-error`) a rule that could not be followed: its SQL is wrong, or its filter asks for nothing. */
export function checkRule({ name, filter, action }: Rule): void {
  if (name === '' || name.length > 50 || /[/\\@?#*]/.test(name)) {
    throw new Failure('argument-error', `'${name}' cannot be the name of a rule.`)
  }
  try {
    if (filter.kind === 'sql') checkFilter(parseFilter(filter.expression))
    if (action !== undefined) checkAction(parseAction(action.expression))
  } catch (error) {
    if (!(error instanceof SqlSyntaxError || error instanceof SqlEvaluationError)) throw error
    throw new Failure('argument-error', `Rule '${name}': ${error.message}`)
  }
  if (filter.kind === 'correlation' && asksForNothing(filter)) {
    throw new Failure('argument-error', `Rule '${name}': a correlation filter needs at least one property.`)
  }
}

function asksForNothing({ kind: _, applicationProperties = {}, ...wanted }: CorrelationFilter): boolean {
  return (
    Object.values(wanted).every((value) => value === undefined) &&
    Object.keys(applicationProperties).length === 0
  )
}
