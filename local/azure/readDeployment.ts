/** Reads the model of what would be deployed from an evaluated template. */
import { createHash } from 'node:crypto'
import { account, type Resource } from '../../infra/bicep.ts'
import { ofType, resolveText } from '../../infra/evaluate.ts'
import type { App, Deployment, Federation, Identity, Queue, RoleAssignment, WebApp } from './deployment.ts'

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
    identities: ofType(resources, 'Microsoft.ManagedIdentity/userAssignedIdentities').map(identityOf),
    assignments: assignmentsOf(resources, text),
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
      host: `${models.name}.openai.azure.com`,
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

/** Those of Azure and those of Cosmos DB; of apps' identities alone, since nobody else runs here. */
function assignmentsOf(resources: Resource[], text: (expression: string) => string): RoleAssignment[] {
  return resources
    .filter(({ type }) => /(^Microsoft\.Authorization\/roleAssignments|\/sqlRoleAssignments)$/.test(type))
    .filter(({ properties }) => /userAssignedIdentities\/id-/.test(properties.principalId))
    .map(({ id, properties }) => ({
      id,
      principalId: text(properties.principalId),
      role: lastOf(properties.roleDefinitionId),
      scope: properties.scope ?? id.split('/providers/Microsoft.Authorization/')[0] ?? '',
    }))
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
