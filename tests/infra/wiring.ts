/** What belongs together, and what is closed: faults by which a store would work with another's things, or less safely. */
import type { Resource } from '../../infra/bicep.ts'
import { ofType } from '../../infra/evaluate.ts'

/** Properties that each resource of a type must have. */
const wanted: Record<string, [path: string, value: unknown][]> = {
  'Microsoft.Web/serverfarms': [['sku.name', 'FC1']],
  'Microsoft.Web/sites': [
    ['properties.httpsOnly', true],
    ['properties.siteConfig.minTlsVersion', '1.2'],
    ['properties.functionAppConfig.deployment.storage.authentication.type', 'UserAssignedIdentity'],
  ],
  // Only Standard can be linked to a function app.
  'Microsoft.Web/staticSites': [['sku.name', 'Standard']],
  'Microsoft.Storage/storageAccounts': [
    ['properties.supportsHttpsTrafficOnly', true],
    ['properties.minimumTlsVersion', 'TLS1_2'],
  ],
  'Microsoft.Storage/storageAccounts/blobServices/containers': [['properties.publicAccess', 'None']],
  'Microsoft.ServiceBus/namespaces': [['properties.minimumTlsVersion', '1.2']],
  'Microsoft.DocumentDB/databaseAccounts': [
    ['properties.minimalTlsVersion', 'Tls12'],
    ['properties.disableKeyBasedMetadataWriteAccess', true],
  ],
}

const at = (resource: Resource, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], resource)

/** Doors that are not closed. */
export const openings = (resources: Resource[]): string[] =>
  resources.flatMap((resource) =>
    (wanted[resource.type] ?? [])
      .filter(([path, value]) => at(resource, path) !== value)
      .map(([path, value]) => `${resource.name}: ${path} is not ${value}`),
  )

/** Roles of identities that Azure would look for among people, where a new identity is not found yet. */
export const unsaidPrincipals = (resources: Resource[]): string[] =>
  ofType(resources, 'Microsoft.Authorization/roleAssignments')
    .filter(({ properties }) => /userAssignedIdentities/.test(properties.principalId))
    .filter(({ properties }) => properties.principalType !== 'ServicePrincipal')
    .map(({ name, properties }) => `The role ${name} is for a ${properties.principalType}`)

/** The app that a name is made for, as names.bicep makes them; storage accounts have room for less of it. */
const named =
  /\b(?:(?:id|plan|func|swa|web)-|st)(store|admin|makeline|simulation)(?=-|[a-z0-9]{9,13}\b|["'])/g

/** Resources of one app that name what is another's. */
export function mixedUp(resources: Resource[]): string[] {
  const faults = resources
    .filter(({ type }) => /^Microsoft\.Web\//.test(type))
    .flatMap((resource) => {
      const { service = '', ...rest } = { ...resource, service: /^\w+-(\w+)-/.exec(resource.name)?.[1] }
      const others = [...JSON.stringify(rest).matchAll(named)].map(([, app]) => app)
      return [...new Set(others)]
        .filter((app) => app !== service)
        .map((app) => `${resource.name} has to do with ${app}`)
    })
  for (const { name, tags } of ofType(resources, 'Microsoft.Web/staticSites')) {
    const app = name.split('-')[1]
    if (tags?.['azd-service-name'] !== `web-${app}`) faults.push(`${name} is not the service web-${app}`)
    if (
      !resources.some(({ type, name: other }) => /linkedBackends$/.test(type) && other.startsWith(`${name}/`))
    )
      faults.push(`${name} is linked to nothing`)
  }
  return faults
}
