/**
 * A stand-in for Azure, as far as an evaluated template tells what there is: the parts of the local cloud behind their
 * names in Azure, with the template's role assignments enforced.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Authority, createAuthority } from './authority.ts'
import { certificateFor } from './certificate.ts'
import { type Clock, createClock } from './clock.ts'
import { type Cluster, createCluster } from './cluster.ts'
import type { App, Deployment, Identity } from './deployment.ts'
import { type Front, startFront } from './front.ts'
import type { Handler } from './httpAnswers.ts'
import { identityEndpoint } from './identityEndpoint.ts'
import { listen } from './listen.ts'
import { type Parts, startParts, stopParts } from './parts.ts'
import type { Route } from './redirect.ts'
import { Rights } from './rights.ts'
import { hostsOf, sitesOf } from './sites.ts'

export interface AzureOptions {
  readonly deployment: Deployment
  /** What answers at further names, such as those of apps. */
  readonly sites?: ReadonlyMap<string, Handler>
}

export interface Azure {
  readonly deployment: Deployment
  readonly authority: Authority
  readonly rights: Rights
  /** The time of its services. */
  readonly clock: Clock
  /** The servers behind the names. */
  readonly parts: Parts
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

/** @throws {Error} of what does not start. Nothing is left running then. */
export async function startAzure(options: AzureOptions): Promise<Azure> {
  const ends: Ends = []
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    return { ...(await start(options, ends)), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** How to end what has started, in its order. */
type Ends = (() => Promise<unknown>)[]

async function start(
  { deployment, sites = new Map() }: AzureOptions,
  ends: Ends,
): Promise<Omit<Azure, 'close'>> {
  const everything: Identity = {
    name: 'the rehearsal',
    app: 'rehearsal',
    id: 'rehearsal',
    clientId: randomUUID(),
    principalId: randomUUID(),
  }
  const authority = await createAuthority(deployment)
  const rights = new Rights(deployment, everything)
  const clock = createClock()
  const cluster = await createCluster(deployment)

  const folder = await mkdtemp(join(tmpdir(), 'azure-'))
  ends.push(() => rm(folder, { recursive: true, force: true }))
  const hosts = [...hostsOf(deployment), ...sites.keys()]
  const certificate = await certificateFor(hosts)
  const certificateFile = join(folder, 'certificate.pem')
  await writeFile(certificateFile, certificate.cert)

  const parts = await startParts(deployment, { authority, rights, clock }, certificate, folder)
  ends.push(() => stopParts(parts))
  const secrets = new Map<string, App>()
  const identities = await listen(
    identityEndpoint(deployment, authority, secrets, ({ app, reason }) =>
      rights.refuse({
        identity: undefined,
        app: app.name,
        fault: 'identity',
        action: 'to get a token',
        resource: 'the identity endpoint',
        reason,
      }),
    ),
  )
  ends.push(() => identities.close())
  const front = await startFront({
    certificate,
    sites: new Map([...sitesOf({ deployment, authority, rights, clock, cluster, parts }), ...sites]),
    brokers: new Map([[deployment.serviceBus.host, parts.bus.port]]),
  })
  ends.push(() => front.close())

  return {
    deployment,
    authority,
    rights,
    clock,
    parts,
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
  }
}
