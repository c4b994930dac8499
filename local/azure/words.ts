/** Refusals and rights in words: what is wrong, who it concerns, and where to change it. */
import access from '../../infra/access.json' with { type: 'json' }
import type { Deployment, Identity, RoleAssignment } from './deployment.ts'
import type { Fault, Refused } from './rights.ts'
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

/** Who wanted what, in which chapter, and why it was refused; then where that is changed. */
export function describeRefusal(refused: Refused): string {
  const { identity, app = 'somebody', by, chapter, action, resource, reason } = refused
  const whose = identity ? `${identity.app} (${identity.name})` : app
  const who = by === 'platform' ? `the platform, for ${whose},` : whose
  const place = describePlace(resource)
  const what = action ? `${who} was refused ${action} on ${place}` : `${who}, at ${place}`
  const when = chapter && ` in "${chapter}"`
  return `${what}${when}: ${reason}${cureOf(refused)}.`
}

function cureOf(refused: Refused): string {
  const { fault, without } = refused
  if (without) return `. Missing: ${describeRight(without)}`
  if (fault === 'right') return rowFor(refused)
  const where = cures[fault]?.(refused.resource)
  return where ? `. See ${where}` : ''
}

/** The row of `access.json` that would allow what no role allows. */
function rowFor({ identity, action, resource }: Refused): string {
  if (identity?.app === 'nodes') return '. See infra/aks.bicep (pull)'
  const { kind, name } = placeOf(resource)
  const role = narrowest(action)
  return role
    ? `. Where it is to be allowed: infra/access.json, ${JSON.stringify({ app: identity?.app, role, kind, name })}`
    : '. No role of infra/access.json allows it'
}

/** Where what is wrong can be changed, by the resource that was asked for; undefined: nowhere in particular. */
const cures: Partial<Record<Fault, (resource: string) => string | undefined>> = {
  audience: (resource) => `${clientOf(resource)}, where that scope is asked for`,
  expired: () => clocks,
  early: () => clocks,
  clock: () => clocks,
  issuer: () => 'AZURE_TENANT_ID, and the tenant of the subscription (azd auth login --tenant-id)',
  signature: () => 'AZURE_AUTHORITY_HOST, or IDENTITY_ENDPOINT: the token is of another authority',
  key: () =>
    'infra/settings.bicep: a connection has an address there (…__fullyQualifiedNamespace, …__accountEndpoint, …__blobServiceUri), and no key',
  deleted: () => 'the template, which has it: azd provision makes it anew, empty',
  missing: (resource) => {
    const files: Record<string, string> = {
      queue: 'infra/service-bus.json, or the setting OrdersQueue',
      container: 'infra/cosmos.json, or the setting CosmosDatabase',
      blobs: 'infra/resources.bicep (pictures)',
      host: 'infra/resources.bicep (packages)',
      models: 'infra/main.bicep (textModel, imageModel), or the settings AZURE_OPENAI_…DEPLOYMENT_NAME',
    }
    return files[placeOf(resource).kind]
  },
}

const clocks =
  'the clocks of both machines (a container has that of its node), which may differ by five minutes'

/** The file in which the app makes its client of a service. */
function clientOf(resource: string): string {
  const files: [RegExp, string][] = [
    [/Microsoft\.ServiceBus/i, 'functions/platform/serviceBus.ts'],
    [/Microsoft\.DocumentDB/i, 'functions/platform/cosmos.ts'],
    [/Microsoft\.Storage/i, 'functions/platform/blobs.ts'],
    [/Microsoft\.CognitiveServices/i, 'functions/ai/providers'],
    [/Microsoft\.Insights/i, 'functions/platform/telemetry'],
  ]
  return files.find(([pattern]) => pattern.test(resource))?.[1] ?? 'functions/platform'
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
