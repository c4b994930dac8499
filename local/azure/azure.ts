/**
 * A stand-in for Azure, as far as an evaluated template tells what there is: the parts of the local cloud behind their
 * names in Azure, with the template's role assignments enforced.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { choosePorts } from '../cloud/ports.ts'
import { type Cosmos, startCosmos } from '../cosmos/index.ts'
import { type StandIn, startStandIn } from '../openai/index.ts'
import { type ServiceBus, startServiceBus } from '../service-bus/index.ts'
import { brokerAccess, cosmosAccess } from './access.ts'
import { type Authority, createAuthority } from './authority.ts'
import { type Azurite, startAzurite } from './azurite.ts'
import { blobSite, type Need, storageAudience } from './blobs.ts'
import { type Certificate, certificateFor } from './certificate.ts'
import { type Cluster, createCluster } from './cluster.ts'
import type { App, Deployment, Identity } from './deployment.ts'
import { entraSite, signInHost } from './entra.ts'
import { type Front, startFront } from './front.ts'
import { createGate } from './gate.ts'
import { forward, type Handler } from './httpAnswers.ts'
import { identityEndpoint } from './identityEndpoint.ts'
import { ingestionSite, monitorAudience } from './ingestion.ts'
import { listen } from './listen.ts'
import { modelsAudience, modelsSite } from './models.ts'
import type { Route } from './redirect.ts'
import { Rights } from './rights.ts'

export interface AzureOptions {
  readonly deployment: Deployment
  /** What answers at further names, such as those of apps. */
  readonly sites?: ReadonlyMap<string, Handler>
}

export interface Azure {
  readonly deployment: Deployment
  readonly authority: Authority
  readonly rights: Rights
  /** How a process gets here. */
  readonly route: Route
  /** Who may do everything: whoever deploys, and looks on. */
  readonly everything: Identity
  readonly front: Front
  readonly cluster: Cluster
  /** What the platform tells an app of where it gets its tokens. */
  identityVariables(app: App): Promise<Record<string, string>>
  close(): Promise<void>
}

export async function startAzure({ deployment, sites = new Map() }: AzureOptions): Promise<Azure> {
  const everything: Identity = {
    name: 'the rehearsal',
    app: 'rehearsal',
    id: 'rehearsal',
    clientId: randomUUID(),
    principalId: randomUUID(),
  }
  const authority = await createAuthority(deployment)
  const rights = new Rights(deployment, everything)
  const hosts = [...hostsOf(deployment), ...sites.keys()]
  const certificate = await certificateFor(hosts)
  const folder = await mkdtemp(join(tmpdir(), 'azure-'))
  const certificateFile = join(folder, 'certificate.pem')
  await writeFile(certificateFile, certificate.cert)

  const cluster = await createCluster(deployment)
  const parts = await startParts(deployment, authority, rights, certificate, folder)
  const secrets = new Map<string, App>()
  const identities = await listen(
    identityEndpoint(deployment, authority, secrets, ({ reason }) =>
      rights.refuse({
        identity: undefined,
        action: 'to get a token',
        resource: signInHost,
        reason,
      }),
    ),
  )
  const front = await startFront({
    certificate,
    sites: new Map([...sitesOf(deployment, authority, rights, cluster, parts), ...sites]),
    brokers: new Map([[deployment.serviceBus.host, parts.bus.port]]),
  })

  return {
    deployment,
    authority,
    rights,
    everything,
    cluster,
    front,
    route: { ports: front.ports, hosts, certificate: certificateFile },
    async identityVariables(app) {
      if (app.pod) return cluster.variablesOf(app.pod, folder)
      const secret = randomUUID()
      secrets.set(secret, app)
      return {
        IDENTITY_ENDPOINT: `http://127.0.0.1:${identities.port}/msi/token`,
        IDENTITY_HEADER: secret,
      }
    },
    async close() {
      await front.close()
      await identities.close()
      await Promise.all([parts.bus.close(), parts.cosmos.close(), parts.models.close(), parts.azurite.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Parts {
  readonly bus: ServiceBus
  readonly cosmos: Cosmos
  readonly models: StandIn
  readonly azurite: Azurite
}

async function startParts(
  deployment: Deployment,
  authority: Authority,
  rights: Rights,
  certificate: Certificate,
  folder: string,
): Promise<Parts> {
  const { serviceBus, cosmos, storage } = deployment
  const ports = await choosePorts({})
  const [bus, database, models, azurite] = await Promise.all([
    startServiceBus({
      port: ports['service-bus'],
      adminPort: ports['service-bus-admin'],
      config: { UserConfig: { Namespaces: [{ Name: 'deployed', Queues: serviceBus.queues, Topics: [] }] } },
      access: brokerAccess(serviceBus, authority, rights),
    }),
    startCosmos({
      port: ports.cosmos,
      tls: certificate,
      disableLocalAuth: true,
      access: cosmosAccess(cosmos, authority, rights),
      databases: [{ id: cosmos.database, containers: cosmos.containers }],
    }),
    startStandIn({ models: [...(deployment.models?.deployments ?? [])] }),
    startAzurite(
      storage.map(({ name }) => name),
      certificate,
      folder,
      ports.blob,
    ),
  ])
  return { bus, cosmos: database, models, azurite }
}

function sitesOf(
  deployment: Deployment,
  authority: Authority,
  rights: Rights,
  cluster: Cluster,
  { bus, cosmos, models, azurite }: Parts,
): Map<string, Handler> {
  const sites = new Map<string, Handler>()
  sites.set(deployment.serviceBus.host, (request, response) =>
    forward(request, response, { port: bus.adminPort }),
  )
  sites.set(deployment.cosmos.host, (request, response) =>
    forward(request, response, { port: cosmos.port, tls: true }),
  )
  const missing = (containers: readonly string[]) => (need: Need) => {
    const reason = `the container is not there; the template has ${containers.join(', ')}`
    rights.refuse({ identity: undefined, ...need, reason })
  }
  const storage = createGate(authority, rights, [storageAudience])
  for (const account of deployment.storage)
    sites.set(account.host, blobSite(account, storage, azurite.port, missing(account.containers)))
  if (deployment.models) {
    const { id, host, deployments } = deployment.models
    const onUnknown = (name: string) =>
      rights.refuse({
        identity: undefined,
        action: 'to call a model',
        resource: id,
        reason: `there is no deployment ${name}, but ${deployments.join(', ')}`,
      })
    const gate = createGate(authority, rights, [modelsAudience])
    sites.set(host, modelsSite(deployment.models, gate, models.port, onUnknown))
  }
  sites.set(
    deployment.insights.host,
    ingestionSite(deployment.insights, createGate(authority, rights, [monitorAudience])),
  )
  sites.set(
    signInHost,
    entraSite(deployment, authority, cluster, (reason) =>
      rights.refuse({ identity: undefined, action: 'to get a token', resource: signInHost, reason }),
    ),
  )
  sites.set(exporterSettingsHost, (_request, response) => void response.writeHead(404).end())
  return sites
}

/** Where the exporter of Application Insights asks for settings of Microsoft's; it goes on without. */
const exporterSettingsHost = 'settings.sdk.monitor.azure.com'

/** Every name that the template's services are called by. */
function hostsOf({ serviceBus, cosmos, storage, models, insights }: Deployment): string[] {
  const accounts = storage.map(({ host }) => host)
  return [
    serviceBus.host,
    cosmos.host,
    ...accounts,
    ...(models ? [models.host] : []),
    insights.host,
    signInHost,
    exporterSettingsHost,
  ]
}
