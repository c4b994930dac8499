/** What answers at each host name of a template: the parts of the local cloud behind their doors. */
import { absent } from './absent.ts'
import type { Authority } from './authority.ts'
import { blobSite, storageAudience } from './blobs.ts'
import { type Clock, watchTimes } from './clock.ts'
import type { Cluster } from './cluster.ts'
import type { Deployment } from './deployment.ts'
import { entraSite, signInHost } from './entra.ts'
import { createGate } from './gate.ts'
import { forward, type Handler } from './httpAnswers.ts'
import { ingestionSite, monitorAudience } from './ingestion.ts'
import { modelsAudience, modelsSite } from './models.ts'
import type { Parts } from './parts.ts'
import { registrySite } from './registry.ts'
import type { Rights } from './rights.ts'

export interface Doors {
  readonly deployment: Deployment
  readonly authority: Authority
  readonly rights: Rights
  readonly clock: Clock
  readonly cluster: Cluster
  readonly parts: Parts
}

export function sitesOf(doors: Doors): Map<string, Handler> {
  const { deployment, authority, rights, clock, cluster, parts } = doors
  const { serviceBus, cosmos, models, insights, registry } = deployment
  const gate = (...audiences: string[]) => createGate(authority, rights, clock, audiences)
  const sites = new Map<string, Handler>()
  sites.set(serviceBus.host, (request, response) => forward(request, response, { port: parts.bus.adminPort }))
  sites.set(cosmos.host, cosmosSite(deployment, rights, parts.cosmos.port))
  for (const account of deployment.storage) {
    const own = gate(storageAudience, `https://${account.host}`)
    const site = blobSite(account, own, parts.azurite.port, ({ action, resource }, who) => {
      const name = resource.split('/').at(-1) ?? ''
      rights.refuse({ ...who, action, resource, ...absent(name, account.containers) })
    })
    sites.set(account.host, site)
  }
  if (models) {
    const site = modelsSite(models, gate(modelsAudience), parts.models.port, (name, who) =>
      rights.refuse({
        ...who,
        action: 'to call a model',
        resource: models.id,
        ...absent(name, models.deployments),
      }),
    )
    sites.set(models.host, site)
  }
  const watch = watchTimes(rights, clock, insights.id)
  sites.set(insights.host, ingestionSite(insights, gate(monitorAudience), watch))
  if (registry) sites.set(registry.host, registrySite(registry, authority, rights, clock))
  sites.set(
    signInHost,
    entraSite(deployment, authority, cluster, (reason, subject) =>
      rights.refuse({
        identity: undefined,
        ...(subject !== undefined && { app: subject }),
        fault: 'identity',
        action: 'to get a token',
        resource: signInHost,
        reason,
      }),
    ),
  )
  sites.set(exporterSettingsHost, (_request, response) => void response.writeHead(404).end())
  return sites
}

/** The server checks tokens by itself; that keys are off it says to nobody but the client. */
const cosmosSite =
  ({ cosmos }: Deployment, rights: Rights, port: number): Handler =>
  (request, response) =>
    forward(request, response, { port, tls: true }, undefined, ({ headers }) => {
      if (headers['x-ms-substatus'] !== '5202') return
      const reason = 'it came with a key, and no token'
      rights.refuse({ identity: undefined, fault: 'key', action: 'to sign in', resource: cosmos.id, reason })
    })

/** Where the exporter of Application Insights asks for settings of Microsoft's; it goes on without. */
const exporterSettingsHost = 'settings.sdk.monitor.azure.com'

/** Every name that the template's services are called by. */
export function hostsOf({ serviceBus, cosmos, storage, models, insights, registry }: Deployment): string[] {
  const accounts = storage.map(({ host }) => host)
  const others = [models, registry].flatMap((one) => (one ? [one.host] : []))
  return [
    serviceBus.host,
    cosmos.host,
    ...accounts,
    ...others,
    insights.host,
    signInHost,
    exporterSettingsHost,
  ]
}
