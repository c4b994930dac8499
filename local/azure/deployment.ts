/** What an evaluated template would bring into being, as far as the apps can tell: a small model of it. */
import { createHash } from 'node:crypto'
import { account, type Resource } from '../../infra/bicep.ts'
import { ofType, resolveText } from '../../infra/evaluate.ts'

export interface Identity {
  /** `id-store-…` */
  readonly name: string
  /** The part of the store that it is for: `store`, `keda`, … */
  readonly app: string
  readonly id: string
  readonly clientId: string
  /** Object id of its service principal: `oid` in its tokens, and whom role assignments name. */
  readonly principalId: string
}

export interface RoleAssignment {
  readonly id: string
  readonly principalId: string
  /** The last part of the role definition's id. */
  readonly role: string
  /** Path of the one resource, or of what is below it. */
  readonly scope: string
}

/** A function app. */
export interface App {
  /** The service in azure.yaml: `store`, … */
  readonly service: string
  readonly name: string
  readonly host: string
  /** Every setting, and no other. */
  readonly settings: Readonly<Record<string, string>>
  /** Resource ids of the identities that it may be. */
  readonly identities: readonly string[]
  /** Whether strangers may call it at all. */
  readonly isPublic: boolean
  /** The host of the Static Web App behind which its sign-in locks it. */
  readonly lockedBehind: string | undefined
  /** Where its package lies, and as whom the platform fetches it; undefined for a pod, whose image has it. */
  readonly package: { readonly url: string; readonly identity: string } | undefined
  /** Of a pod: its service account, and the client id that the webhook tells it. */
  readonly pod?: { readonly subject: string; readonly clientId: string }
}

export interface WebApp {
  readonly service: string
  readonly name: string
  readonly host: string
  /** The name of the function app that is linked to it. */
  readonly backend: string | undefined
}

/** Whose tokens of a cluster stand for an identity. */
export interface Federation {
  /** Resource id of the identity. */
  readonly identity: string
  readonly issuer: string
  readonly subject: string
}

/** Somebody who counts the messages of a queue, to scale by them. */
export interface Scaler {
  readonly namespace: string
  readonly queue: string
  readonly clientId: string
  readonly subject: string
}

export interface Deployment {
  readonly tenantId: string
  /** Who signs the tokens of service accounts; made up, as only Azure knows it. */
  readonly clusterIssuer: string
  readonly federations: readonly Federation[]
  readonly scalers: readonly Scaler[]
  readonly identities: readonly Identity[]
  readonly assignments: readonly RoleAssignment[]
  readonly apps: readonly App[]
  readonly webApps: readonly WebApp[]
  readonly serviceBus: { readonly id: string; readonly host: string; readonly queues: readonly Queue[] }
  readonly cosmos: {
    readonly id: string
    readonly host: string
    readonly database: string
    readonly containers: readonly { readonly id: string }[]
  }
  readonly storage: readonly {
    readonly id: string
    readonly name: string
    readonly host: string
    readonly containers: readonly string[]
  }[]
  readonly models:
    | { readonly id: string; readonly host: string; readonly deployments: readonly string[] }
    | undefined
  readonly insights: {
    readonly id: string
    readonly host: string
    readonly instrumentationKey: string
    readonly connectionString: string
  }
}

export interface Queue {
  readonly Name: string
  readonly Properties: Readonly<Record<string, unknown>>
}

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
