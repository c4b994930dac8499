/** Reads the model of what would be deployed from an evaluated template. */
import { createHash } from 'node:crypto'
import { account, type Resource } from '../../infra/bicep.ts'
import { ofType, resolveText } from '../../infra/evaluate.ts'
import type {
  App,
  Deployment,
  Federation,
  Identity,
  OtherRight,
  Queue,
  RoleAssignment,
  WebApp,
} from './deployment.ts'

/**
 * Reads the resources of an evaluated template.
 * @throws {Error} naming what the store cannot do without.
 */
export function readDeployment(resources: Resource[]): Deployment {
  const one = (type: string): Resource => {
    const [resource] = ofType(resources, type)
    if (!resource) throw new Error(`The template has no ${type}.`)
    return resource
  }
  const bus = one('Microsoft.ServiceBus/namespaces')
  const cosmos = one('Microsoft.DocumentDB/databaseAccounts')
  const insights = insightsOf(one('Microsoft.Insights/components'))
  const [models] = ofType(resources, 'Microsoft.CognitiveServices/accounts')
  const [registry] = ofType(resources, 'Microsoft.ContainerRegistry/registries')
  const reference = (id: string, property: string) => {
    if (property === 'ConnectionString') return insights.connectionString
    return property === 'oidcIssuerProfile' ? clusterIssuer : guidOf(id, property)
  }
  const text = (expression: string) => resolveText(expression, reference)

  return {
    tenantId: account.tenantId,
    clusterIssuer,
    federations: federationsOf(resources, text),
    scalers: [],
    identities: [
      ...ofType(resources, 'Microsoft.ManagedIdentity/userAssignedIdentities').map(identityOf),
      ...ofType(resources, clusters).map(nodesOf),
    ],
    ...rightsOf(resources, text),
    registry: registry && { id: registry.id, host: `${registry.name}.azurecr.io` },
    images: [],
    apps: ofType(resources, 'Microsoft.Web/sites').map((site) => appOf(site, resources, text)),
    webApps: ofType(resources, 'Microsoft.Web/staticSites').map((site) => webAppOf(site, resources)),
    serviceBus: {
      id: bus.id,
      host: `${bus.name}.servicebus.windows.net`,
      queues: ofType(resources, 'Microsoft.ServiceBus/namespaces/queues').map(queueOf),
    },
    cosmos: {
      id: cosmos.id,
      host: `${cosmos.name}.documents.azure.com`,
      database: lastOf(one('Microsoft.DocumentDB/databaseAccounts/sqlDatabases').name),
      containers: ofType(resources, 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers').map(
        ({ properties }) => properties.resource,
      ),
    },
    storage: ofType(resources, 'Microsoft.Storage/storageAccounts').map(({ id, name }) => ({
      id,
      name,
      host: `${name}.blob.core.windows.net`,
      containers: ofType(resources, 'Microsoft.Storage/storageAccounts/blobServices/containers')
        .filter((container) => container.id.startsWith(`${id}/`))
        .map((container) => lastOf(container.name)),
    })),
    models: models && {
      id: models.id,
      // Without a name of its own an account takes no tokens.
      host: `${models.properties.customSubDomainName}.openai.azure.com`,
      deployments: ofType(resources, 'Microsoft.CognitiveServices/accounts/deployments').map(({ name }) =>
        lastOf(name),
      ),
    },
    insights,
  }
}

const lastOf = (path: string) => path.split('/').at(-1) ?? ''

const propertyOf = (id: string, property: string) =>
  createHash('sha256').update(`${id.toLowerCase()} ${property}`).digest('hex')

/** What Azure would make up: always the same for one property of one resource, and another for any other. */
function guidOf(id: string, property: string): string {
  const digits = propertyOf(id, property)
  return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`]
    .concat(digits.slice(20, 32))
    .join('-')
}

const clusterIssuer = `https://westeurope.oic.prod-aks.azure.com/${account.tenantId}/rehearsal/`

function federationsOf(resources: Resource[], text: (expression: string) => string): Federation[] {
  const type = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials'
  return ofType(resources, type).map(({ id, properties }) => ({
    identity: id.split('/federatedIdentityCredentials/')[0] ?? '',
    issuer: text(properties.issuer.replace(/\.issuerURL\]$/, ']')),
    subject: properties.subject,
    audiences: properties.audiences,
  }))
}

function identityOf({ id, name }: Resource): Identity {
  return {
    name,
    app: name.split('-')[1] ?? name,
    id,
    clientId: guidOf(id, 'clientId'),
    principalId: guidOf(id, 'principalId'),
  }
}

function insightsOf({ id, name }: Resource): Deployment['insights'] {
  const host = `${name}.in.applicationinsights.azure.com`
  const instrumentationKey = guidOf(id, 'InstrumentationKey')
  const connectionString = `InstrumentationKey=${instrumentationKey};IngestionEndpoint=https://${host}/`
  return { id, host, instrumentationKey, connectionString }
}

/** The identity by which all nodes of a cluster fetch images; AKS makes it. */
const nodesOf = ({ id, name }: Resource): Identity => ({
  name: `the nodes of ${name}`,
  app: 'nodes',
  id,
  clientId: guidOf(id, 'kubeletidentity.clientId'),
  principalId: guidOf(id, 'kubeletidentity.objectId'),
})

const clusters = 'Microsoft.ContainerService/managedClusters'
const ofNodes = /managedClusters\/[^']+', '[^']+'\)\.identityProfile\.kubeletidentity\.objectId\]$/
const ofIdentity = /userAssignedIdentities\/[^']+', '[^']+'\)\.\w+\]$/

/** Roles, those of Azure and those of Cosmos DB, of the identities and of others. */
function rightsOf(resources: Resource[], text: (expression: string) => string) {
  const assignments: RoleAssignment[] = []
  const otherRights: OtherRight[] = []
  for (const resource of resources) {
    if (!/(^Microsoft\.Authorization\/roleAssignments|\/sqlRoleAssignments)$/.test(resource.type)) continue
    const { id, properties } = resource
    refuseWhatAzureWould(resource)
    const role = lastOf(properties.roleDefinitionId)
    const scope = scopeOf(resource)
    const principal: string = properties.principalId
    if (ofIdentity.test(principal)) assignments.push({ id, principalId: text(principal), role, scope })
    else if (ofNodes.test(principal))
      assignments.push({ id, principalId: guidOf(idIn(principal), 'kubeletidentity.objectId'), role, scope })
    else {
      const isKnown = principal === '[deployer().objectId]'
      otherRights.push({ role, scope, whom: isKnown ? 'whoever deploys' : principal, isKnown })
    }
  }
  return { assignments, otherRights }
}

/** The resource that a role is assigned on; an id that depends on who deploys is an expression still. */
function scopeOf({ id, properties }: Resource): string {
  const [scope = ''] = id.startsWith('[') ? [idIn(id)] : id.split('/providers/Microsoft.Authorization/')
  return properties.scope ?? scope
}

/** The first id of a resource in an expression. */
const idIn = (expression: string) => /'(\/[^']+)'/.exec(expression)?.[1] ?? expression

/**
 * Roles of Azure and those of Cosmos DB are of two kinds, and conditions are not played.
 * @throws {Error} naming the assignment.
 */
function refuseWhatAzureWould({ id, type, properties }: Resource): void {
  const definitions = type.endsWith('/sqlRoleAssignments')
    ? `${id.split('/sqlRoleAssignments/')[0]}/sqlRoleDefinitions/`
    : '/providers/Microsoft.Authorization/roleDefinitions/'
  const { roleDefinitionId, condition } = properties
  if (!roleDefinitionId.includes(definitions))
    throw new Error(`${id}: the role ${roleDefinitionId} is none of ${definitions}…`)
  if (condition) throw new Error(`${id}: roles with conditions are not rehearsed.`)
}

function appOf(site: Resource, resources: Resource[], text: (expression: string) => string): App {
  const config = (kind: string) => resources.find(({ name }) => name === `${site.name}/${kind}`)?.properties
  const lock = config('authsettingsV2')
  const isLocked = lock?.platform?.enabled && lock?.globalValidation?.requireAuthentication
  const lockedBehind = /staticSites\/([^']+)/.exec(
    lock?.identityProviders?.azureStaticWebApps?.registration?.clientId ?? '',
  )?.[1]
  const { storage } = site.properties.functionAppConfig.deployment
  const identity = site.identity as { userAssignedIdentities?: object } | undefined
  return {
    service: site.tags?.['azd-service-name'] ?? site.name,
    name: site.name,
    host: `${site.name}.azurewebsites.net`,
    settings: Object.fromEntries(
      Object.entries<string>(config('appsettings') ?? {}).map(([name, value]) => [name, text(value)]),
    ),
    identities: Object.keys(identity?.userAssignedIdentities ?? {}),
    isPublic: site.properties.siteConfig?.ipSecurityRestrictionsDefaultAction !== 'Deny',
    lockedBehind: isLocked && lockedBehind ? hostOfWebApp(lockedBehind) : undefined,
    package: { url: text(storage.value), identity: storage.authentication.userAssignedIdentityResourceId },
  }
}

function webAppOf(site: Resource, resources: Resource[]): WebApp {
  const link = ofType(resources, 'Microsoft.Web/staticSites/linkedBackends').find(({ name }) =>
    name.startsWith(`${site.name}/`),
  )
  return {
    service: site.tags?.['azd-service-name'] ?? site.name,
    name: site.name,
    host: hostOfWebApp(site.name),
    backend: link && lastOf(link.properties.backendResourceId),
  }
}

const hostOfWebApp = (name: string) => `${name}.azurestaticapps.net`

/** In the words of the broker's configuration, which are those of Microsoft's emulator. */
function queueOf({ name, properties }: Resource): Queue {
  const names: Record<string, string> = {
    deadLetteringOnMessageExpiration: 'DeadLetteringOnMessageExpiration',
    defaultMessageTimeToLive: 'DefaultMessageTimeToLive',
    lockDuration: 'LockDuration',
    maxDeliveryCount: 'MaxDeliveryCount',
    requiresDuplicateDetection: 'RequiresDuplicateDetection',
    duplicateDetectionHistoryTimeWindow: 'DuplicateDetectionHistoryTimeWindow',
    requiresSession: 'RequiresSession',
  }
  return {
    Name: lastOf(name),
    Properties: Object.fromEntries(
      Object.entries(properties).flatMap(([name, value]) => (names[name] ? [[names[name], value]] : [])),
    ),
  }
}
