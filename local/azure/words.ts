/** Refusals and rights in words: what is wrong, who it concerns, and where to change it. */
import access from '../../infra/access.json' with { type: 'json' }
import type { Deployment, Identity, RoleAssignment } from './deployment.ts'
import type { Refused } from './rights.ts'
import { grants, narrowerRole, roles } from './roles.ts'

/** A role assignment: `Storage Blob Data Reader on the pictures product-images`. */
export const describeRight = ({ role, scope }: Pick<RoleAssignment, 'role' | 'scope'>): string =>
  `${roles[role]?.name ?? role} on ${describePlace(scope)}`

/** What a path leads to, as `access.json` names it. */
export function describePlace(path: string): string {
  const { kind, name } = placeOf(path)
  return name ? `${kind} ${name}` : kind
}

interface Place {
  readonly kind: string
  readonly name: string
}

function placeOf(path: string): Place {
  const last = path.split('/').at(-1) ?? ''
  if (/\/queues\//i.test(path)) return { kind: 'queue', name: last }
  if (/\/colls\//i.test(path)) return { kind: 'container', name: last }
  if (/\/storageAccounts\/stimages/i.test(path))
    return { kind: 'blobs', name: /containers\/(.+)$/.exec(path)?.[1] ?? '' }
  if (/\/storageAccounts\//i.test(path)) return { kind: 'host', name: '' }
  if (/\/components\//i.test(path)) return { kind: 'insights', name: '' }
  if (/CognitiveServices/i.test(path)) return { kind: 'models', name: '' }
  return { kind: last || path, name: '' }
}

/** Who wanted what and why it was refused; where a right is missing, the row that would give it. */
export function describeRefusal({ identity, action, resource, reason, without, isRight }: Refused): string {
  const who = identity ? `${identity.app} (${identity.name})` : 'somebody'
  const what = `${who} was refused ${action} on ${describePlace(resource)}: ${reason}`
  if (without) return `${what}. Missing: ${describeRight(without)}`
  if (!isRight) return `${what}${whereTo(resource)}.`
  const { kind, name } = placeOf(resource)
  const role = narrowest(action)
  return role
    ? `${what}. Where it is to be allowed: infra/access.json, ${JSON.stringify({ app: identity?.app, role, kind, name })}`
    : `${what}. No role of infra/access.json allows it.`
}

/** Where something that is not there, or is called otherwise, would be changed. */
function whereTo(resource: string): string {
  const { kind } = placeOf(resource)
  const files: Record<string, string> = {
    queue: 'infra/service-bus.json, or the setting OrdersQueue',
    container: 'infra/cosmos.json, or the setting CosmosDatabase',
    blobs: 'infra/resources.bicep (pictures)',
    models: 'infra/main.bicep (textModel, imageModel)',
  }
  return files[kind] ? `. See ${files[kind]}` : ''
}

/** The name of the role of `access.json` that allows an action, and no more beside it than another. */
function narrowest(action: string): string | undefined {
  const known = Object.values<string>(access.roles).find((role) => grants(role, action))
  return known && roles[narrowerRole(known, [action]) ?? known]?.name
}

/** Whose a role assignment is. */
export const ownerOf = (
  { identities }: Deployment,
  { principalId }: Pick<RoleAssignment, 'principalId'>,
): Identity | undefined => identities.find((one) => one.principalId === principalId)
