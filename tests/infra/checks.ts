/**
 * What must hold of everything that `infra/` would create. Each check names its faults, so that the same ones can be run
 * on copies with a mistake in them: a check that finds none there is worth nothing.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readAiSettings } from '../../functions/ai/settings.ts'
import { readConfig, readSettings } from '../../functions/platform/config.ts'
import access from '../../infra/access.json' with { type: 'json' }
import type { Resource } from '../../infra/bicep.ts'
import cosmos from '../../infra/cosmos.json' with { type: 'json' }
import { ofType } from '../../infra/evaluate.ts'
import serviceBus from '../../infra/service-bus.json' with { type: 'json' }
import { root } from '../../local/root.ts'
import { assignmentsOf, settingsOf } from './template.ts'
import { mixedUp, openings, unsaidPrincipals } from './wiring.ts'

const services = parse(readFileSync(join(root, 'azure.yaml'), 'utf8')).services as Record<
  string,
  { host: string; condition?: string }
>
const hostTypes: Record<string, string> = {
  function: 'Microsoft.Web/sites',
  staticwebapp: 'Microsoft.Web/staticSites',
}

/** What the platform tells an app beside its settings; the link to a Static Web App turns its sign-in on. */
const platform = (signIn: boolean) => ({
  WEBSITE_SITE_NAME: 'app',
  WEBSITE_AUTH_ENABLED: signIn ? 'True' : 'False',
})

/** The apps that there are: the services that have a resource. */
export const appsOf = (resources: Resource[]) =>
  ofType(resources, 'Microsoft.Web/sites').map(({ tags }) => tags?.['azd-service-name'] ?? 'without a tag')

/** Keys and passwords that would work. */
export function localAuthentication(resources: Resource[]): string[] {
  const wanted: Record<string, [path: string, value: unknown][]> = {
    'Microsoft.Storage/storageAccounts': [
      ['allowSharedKeyAccess', false],
      ['allowBlobPublicAccess', false],
    ],
    'Microsoft.DocumentDB/databaseAccounts': [['disableLocalAuth', true]],
    'Microsoft.ServiceBus/namespaces': [['disableLocalAuth', true]],
    'Microsoft.CognitiveServices/accounts': [['disableLocalAuth', true]],
    'Microsoft.Insights/components': [['DisableLocalAuth', true]],
    'Microsoft.OperationalInsights/workspaces': [['features.disableLocalAuth', true]],
    'Microsoft.Web/sites/basicPublishingCredentialsPolicies': [['allow', false]],
  }
  const faults = resources.flatMap(({ type, name, properties }) =>
    (wanted[type] ?? [])
      .filter(([path, value]) => path.split('.').reduce((at, key) => at?.[key], properties) !== value)
      .map(([path, value]) => `${name}: ${path} is not ${value}`),
  )
  const doors = ofType(resources, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies').map(
    ({ name }) => name,
  )
  for (const { name } of ofType(resources, 'Microsoft.Web/sites'))
    for (const door of ['ftp', 'scm'])
      if (!doors.includes(`${name}/${door}`)) faults.push(`${name}: ${door} takes passwords`)
  const secret = /AccountKey=|SharedAccessKey|InstrumentationKey=[^0]|listKeys|listAccountSas|password/i
  for (const { name, type, properties } of resources)
    if (/config$/.test(type) && secret.test(JSON.stringify(properties))) faults.push(`${name} has a key`)
  return faults
}

/** Services of azure.yaml without exactly one resource, and resources without a service. */
export function tags(resources: Resource[]): string[] {
  const apps = resources.filter(({ type }) => Object.values(hostTypes).includes(type))
  const faults = apps
    .filter(({ tags }) => !services[tags?.['azd-service-name'] ?? ''])
    .map(({ name }) => `${name} has no service in azure.yaml`)
  for (const [name, { host, condition }] of Object.entries(services)) {
    const count = apps.filter(
      (app) => app.tags?.['azd-service-name'] === name && app.type === hostTypes[host],
    )
    if (count.length !== 1 && !(mayBeAbsent(condition, resources) && count.length === 0))
      faults.push(`The service ${name} has ${count.length} resources`)
  }
  return faults
}

/** A service with a condition is there only when that holds: the simulation with a rate, the others but on AKS alone. */
const mayBeAbsent = (condition: string | undefined, resources: Resource[]) =>
  condition?.includes('SIMULATION_ENABLED') || (condition && !ofType(resources, 'Microsoft.Web/sites').length)

/** Queues and containers that are not those of the local cloud. */
export function localCloud(resources: Resource[], basic: boolean): string[] {
  const faults: string[] = []
  const queues = new Map(
    ofType(resources, 'Microsoft.ServiceBus/namespaces/queues').map((q) => [nameOf(q), q]),
  )
  const ours = serviceBus.UserConfig.Namespaces[0]?.Queues ?? []
  for (const { Name, Properties } of ours) {
    const queue = queues.get(Name)?.properties
    const ttl = 'DefaultMessageTimeToLive' in Properties ? Properties.DefaultMessageTimeToLive : undefined
    const same =
      queue?.lockDuration === Properties.LockDuration &&
      queue?.maxDeliveryCount === Properties.MaxDeliveryCount &&
      queue?.deadLetteringOnMessageExpiration === (basic || Properties.DeadLetteringOnMessageExpiration) &&
      queue?.defaultMessageTimeToLive === (ttl ?? (basic ? 'P14D' : undefined))
    if (!same) faults.push(`The queue ${Name} is not that of the local cloud`)
    queues.delete(Name)
  }
  faults.push(...[...queues.keys()].map((name) => `The local cloud has no queue ${name}`))

  const type = 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers'
  const containers = ofType(resources, type).map(({ properties }) => properties.resource)
  if (JSON.stringify(containers) !== JSON.stringify(cosmos.containers))
    faults.push('The containers are not those of the local cloud')
  return faults
}

/** Settings that an app does not take, or does not read; roles that it should not have; queues that are not there. */
export function settings(resources: Resource[]): string[] {
  const queues = ofType(resources, 'Microsoft.ServiceBus/namespaces/queues').map(nameOf)
  return appsOf(resources).flatMap((app) => {
    const own = settingsOf(resources, app)
    const read = new Set<string>()
    const told = { ...own, ...platform(app === 'store' || app === 'admin') }
    const env = new Proxy<NodeJS.ProcessEnv>(told, {
      get(target, name) {
        read.add(String(name))
        return target[String(name)]
      },
    })
    const faults: string[] = []
    try {
      const config = readConfig(env)
      const ai = readSettings(env, readAiSettings)
      if ([...config.roles].join() !== app) faults.push(`${app} has the roles ${[...config.roles]}`)
      for (const queue of ['', '-failed', '-simulation'].map((end) => `${config.ordersQueue}${end}`))
        if (!queues.includes(queue)) faults.push(`${app} uses the queue ${queue}, which is not there`)
      if (app === 'admin' && !!ai !== ofType(resources, 'Microsoft.CognitiveServices/accounts').length > 0)
        faults.push('admin does not know the models')
      if (!config.telemetry?.azureMonitor?.withIdentity) faults.push(`${app} sends no telemetry`)
      const simulated = config.simulation.customerOrdersPerHour > 0
      if (simulated !== (app === 'simulation')) faults.push(`${app} has the wrong rate of the simulation`)
    } catch (error) {
      faults.push(`${app}: ${(error as Error).message}`)
    }
    const unread = Object.keys(own).filter((name) => !read.has(name) && !hostSettings(app).includes(name))
    faults.push(...unread.map((name) => `${app} does not read ${name}`))
    if (
      !/^ClientId=[\da-f-]{36};Authorization=AAD$/.test(own.APPLICATIONINSIGHTS_AUTHENTICATION_STRING ?? '')
    )
      faults.push(`${app}: telemetry is not sent by the app's identity`)
    for (const name of hostSettings(app)) if (!own[name]) faults.push(`${app}: the host misses ${name}`)
    return faults
  })
}

/** With an identity that is not the system's, the host and each trigger need to be told which (azure-functions-host#10904). */
const hostSettings = (app: string) => [
  'AZURE_CLIENT_ID',
  ...['blobServiceUri', 'credential', 'clientId'].map((part) => `AzureWebJobsStorage__${part}`),
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  ...(['makeline', 'simulation'].includes(app)
    ? ['ServiceBusConnection__credential', 'ServiceBusConnection__clientId']
    : []),
]

/** Roles that are assigned and not in the table, and rows of the table that are not assigned. */
export function roles(resources: Resource[]): string[] {
  const token = /^sb-(\w+)/.exec(ofType(resources, 'Microsoft.ServiceBus/namespaces')[0]?.name ?? '')?.[1]
  const cosmosId = ofType(resources, 'Microsoft.DocumentDB/databaseAccounts')[0]?.id.split('/providers/')[1]
  const place: Record<string, (app: string, name: string) => string> = {
    host: (app) => `Microsoft.Storage/storageAccounts/${`st${app}${token}`.slice(0, 24)}`,
    insights: () => `Microsoft.Insights/components/appi-${token}`,
    blobs: (_app, name) =>
      `Microsoft.Storage/storageAccounts/stimages${token}/blobServices/default/containers/${name}`,
    container: (_app, name) => `${cosmosId}/dbs/store/colls/${name}`,
    queue: (_app, name) => `Microsoft.ServiceBus/namespaces/sb-${token}/queues/${name}`,
    models: () => `Microsoft.CognitiveServices/accounts/ai-${token}`,
  }
  const apps = ofType(resources, 'Microsoft.ManagedIdentity/userAssignedIdentities').map(
    ({ name }) => name.split('-')[1] ?? '',
  )
  const withModels = ofType(resources, 'Microsoft.CognitiveServices/accounts').length > 0
  const ids: Record<string, string> = access.roles
  const wanted = access.table
    .filter(({ app, kind }) => apps.includes(app) && (kind !== 'models' || withModels))
    // Pods are told of no Application Insights.
    .filter(({ kind }) => kind !== 'insights' || ofType(resources, 'Microsoft.Web/sites').length > 0)
    .map(({ app, role, kind, name }) => `${app}: ${ids[role]} on ${place[kind]?.(app, name)}`)
  const assigned = assignmentsOf(resources)
    // Those of the cluster's own (nodes, deployer) are no app's: see aks.test.ts.
    .filter(({ app }) => !/kubeletidentity|deployer\(\)/.test(app))
    .map(({ app, role, scope }) => `${app}: ${role} on ${scope}`)
  const existing = new Set(resources.map(({ id }) => id.split('/providers/')[1]))
  return [
    ...wanted.filter((row) => !assigned.includes(row)).map((row) => `Not assigned: ${row}`),
    ...assigned.filter((row) => !wanted.includes(row)).map((row) => `Not in the table: ${row}`),
    ...assigned
      .map((row) => row.split(' on ')[1] ?? '')
      .filter(
        (scope) => !existing.has(scope.replace('/dbs/', '/sqlDatabases/').replace('/colls/', '/containers/')),
      )
      .map((scope) => `A role on what is not there: ${scope}`),
  ]
}

/** All faults there are. */
export const faultsOf = (resources: Resource[], { basic = false } = {}): string[] => [
  ...localAuthentication(resources),
  ...tags(resources),
  ...localCloud(resources, basic),
  ...settings(resources),
  ...roles(resources),
  ...openings(resources),
  ...unsaidPrincipals(resources),
  ...mixedUp(resources),
]

const nameOf = ({ name }: Resource) => name.split('/').at(-1) ?? ''
