/**
 * Role assignments of Azure Cosmos DB for NoSQL. Source of the roles: "Azure Cosmos DB for NoSQL data plane security
 * reference" on Microsoft Learn.
 */
import type { Scope } from './access.ts'

const account = 'Microsoft.DocumentDB/databaseAccounts'
const container = `${account}/sqlDatabases/containers`

/** The data actions of the roles that every account has, by the last part of their id. */
export const builtInRoles: Readonly<Record<string, readonly string[]>> = {
  /** Cosmos DB Built-in Data Reader */
  '00000000-0000-0000-0000-000000000001': [
    `${account}/readMetadata`,
    `${container}/items/read`,
    `${container}/executeQuery`,
    `${container}/readChangeFeed`,
  ],
  /** Cosmos DB Built-in Data Contributor */
  '00000000-0000-0000-0000-000000000002': [
    `${account}/readMetadata`,
    `${container}/*`,
    `${container}/items/*`,
  ],
}

export interface RoleAssignment {
  /** The object id of an identity. */
  readonly principalId: string
  /** The id of a built-in role, or a path that ends in one. */
  readonly roleDefinitionId?: string
  /** Of a role that is not built in. */
  readonly dataActions?: readonly string[]
  /** `/`, `/dbs/name`, `/dbs/name/colls/name`; or such a path behind the resource id of the account. */
  readonly scope: string
}

/** Whether one of the assignments lets an identity do something. @throws where a role is not known */
export function byRoleAssignments(
  assignments: readonly RoleAssignment[],
): (claims: Readonly<Record<string, unknown>>, action: string, scope: Scope) => boolean {
  const granted = assignments.map((assignment) => ({
    principal: assignment.principalId.toLowerCase(),
    actions: actionsOf(assignment),
    scope: withinAccount(assignment.scope),
  }))
  return (claims, action, scope) => {
    const principal = String(claims.oid).toLowerCase()
    return granted.some(
      (one) =>
        one.principal === principal &&
        covers(one.scope, scope) &&
        one.actions.some((pattern) => matches(pattern, action)),
    )
  }
}

function actionsOf({ dataActions, roleDefinitionId = '' }: RoleAssignment): readonly string[] {
  const actions = dataActions ?? builtInRoles[roleDefinitionId.split('/').at(-1) as string]
  if (!actions)
    throw new Error(
      `The role "${roleDefinitionId}" is not known. Built in are ${Object.keys(builtInRoles).join(' and ')}; of another one, give the dataActions.`,
    )
  return actions
}

/** `/subscriptions/…/databaseAccounts/name/dbs/store`: `/dbs/store`. */
function withinAccount(scope: string): string {
  const path = scope.replace(/^.*\/databaseAccounts\/[^/]+/i, '').replace(/\/+$/, '')
  return path === '' ? '/' : path
}

const covers = (granted: string, scope: Scope) =>
  scope === undefined || granted === '/' || scope === granted || scope.startsWith(`${granted}/`)

/** A `*` stands for one part: that of a container is not for its items. Actions are written in any case, as in Azure. */
function matches(pattern: string, action: string): boolean {
  const [wanted, given] = [pattern, action].map((text) => text.toLowerCase().split('/'))
  return (
    wanted?.length === given?.length &&
    wanted?.every((part, i) => part === '*' || part === given?.[i]) === true
  )
}
