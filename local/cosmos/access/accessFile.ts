import type { EntraOptions } from './entra.ts'
import { byRoleAssignments, type RoleAssignment } from './roles.ts'

/**
 * Reads the file that the command line names: `{ "keys": a JSON Web Key Set, "issuer", "audience", "assignments" }`.
 * Without assignments every identity may do everything. @throws with the place, and what would be right
 */
export function readEntra(text: string, file: string): EntraOptions {
  const { keys, issuer, audience, assignments } = objectWith(
    parse(text, file),
    ['keys', 'issuer', 'audience', 'assignments'],
    file,
  )
  if (!Array.isArray((keys as { keys?: unknown } | null | undefined)?.keys))
    throw new Error(`${file}: keys: a JSON Web Key Set is wanted, { "keys": [ … ] }.`)
  for (const [name, value] of Object.entries({ issuer, audience }))
    if (value !== undefined && typeof value !== 'string')
      throw new Error(`${file}: ${name}: a text is wanted.`)
  const options = { keys, issuer, audience } as EntraOptions
  if (assignments === undefined) return options
  if (!Array.isArray(assignments)) throw new Error(`${file}: assignments: a list is wanted.`)
  const read = assignments.map((one, i) => readAssignment(one, `${file}: assignments[${i}]`))
  try {
    return { ...options, isAllowed: byRoleAssignments(read) }
  } catch (error) {
    throw new Error(`${file}: assignments: ${(error as Error).message}`)
  }
}

function readAssignment(value: unknown, place: string): RoleAssignment {
  const one = objectWith(value, ['principalId', 'roleDefinitionId', 'dataActions', 'scope'], place)
  if (typeof one.principalId !== 'string')
    throw new Error(`${place}.principalId: the object id of an identity is wanted.`)
  if (typeof one.scope !== 'string' || !one.scope.startsWith('/'))
    throw new Error(`${place}.scope: /, /dbs/name or /dbs/name/colls/name is wanted.`)
  if (one.roleDefinitionId !== undefined && typeof one.roleDefinitionId !== 'string')
    throw new Error(`${place}.roleDefinitionId: the id of a role is wanted.`)
  if (one.dataActions !== undefined && !isTexts(one.dataActions))
    throw new Error(`${place}.dataActions: a list of data actions is wanted.`)
  return one as unknown as RoleAssignment
}

const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string')

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new Error(`${file}: this is not JSON: ${(error as Error).message}`)
  }
}

function objectWith(value: unknown, known: readonly string[], place: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Error(`${place}: an object is wanted.`)
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`${place}: '${unknown}' is none of ${known.join(', ')}.`)
  return value as Record<string, unknown>
}
