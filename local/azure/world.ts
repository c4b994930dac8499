/** The store as it is deployed, running here: apps, web apps, and those who use them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CosmosClient } from '@azure/cosmos'
import { ServiceBusClient } from '@azure/service-bus'
import { createAdminClient } from '@store/contract/admin-client'
import { createClient } from '@store/contract/client'
import { buildIfStale } from '../cloud/builds.ts'
import { openEntrance, openService, type PortOf, publicSite } from './appService.ts'
import { type Azure, startAzure } from './azure.ts'
import { type App, type Deployment, identityOf, type WebApp } from './deployment.ts'
import { type FunctionApp, startFunctionApp } from './functionApp.ts'
import { buildPackage, deploy, fetchPackage, unpack } from './packages.ts'
import { redirectToFront } from './redirect.ts'
import type { Fault, Refused } from './rights.ts'
import { madeIn, standsIn } from './settingPlaces.ts'
import { unreadSettings } from './unreadSettings.ts'
import { type RunningWebApp, signInCookie, startWebApp } from './webApp.ts'
import { describeRefusal } from './words.ts'

export interface World {
  readonly azure: Azure
  /** By service: `store`, `admin`, … */
  readonly apps: ReadonlyMap<string, FunctionApp>
  readonly webApps: ReadonlyMap<string, RunningWebApp>
  /** Where the API of a part of the store is reached: through its web app, or on a cluster through its service. */
  addressOf(app: 'store' | 'admin'): string
  /** Whoever buys, through the store's Static Web App. */
  readonly customer: ReturnType<typeof createClient>
  /** Whoever works for the store, through the admin's. */
  readonly employee: ReturnType<typeof createAdminClient>
  /** Looks on and interferes, with every right. */
  readonly onlooker: { readonly bus: ServiceBusClient; readonly cosmos: CosmosClient }
  /**
   * Starts an app's process anew: what it had remembered is forgotten.
   * @param changed settings, for trying a mistake
   * @param clockAhead milliseconds by which its clock is ahead, for the same
   */
  restart(service: string, changed?: Changed, clockAhead?: number): Promise<void>
  /** Tells of every line that an app writes from now on; answers how to stop that. */
  onLine(listener: LineListener): () => void
  close(): Promise<void>
}

type LineListener = (app: App, line: string) => void

/** Settings in the place of an app's own; undefined: left out. */
type Changed = Readonly<Record<string, string | undefined>>

export interface WorldOptions {
  /** A line of an app. */
  readonly onLine?: LineListener
}

/**
 * @throws {Error} with the last output of an app that does not start, and with what was refused until then. Nothing is left
 * running then.
 */
export async function startWorld(deployment: Deployment, { onLine }: WorldOptions = {}): Promise<World> {
  const apps = new Map<string, FunctionApp>()
  const listeners = new Set<LineListener>(onLine ? [onLine] : [])
  let refused: readonly Refused[] = []
  const ends: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const content = await build(deployment)
    const portOf: PortOf = ({ service }) => apps.get(service)?.port
    const sites = new Map(deployment.apps.map((app) => [app.host, publicSite(app, portOf)]))
    const azure = await startAzure({ deployment, sites })
    ends.push(() => azure.close())
    refused = azure.rights.refused
    const endRedirect = redirectToFront(azure.route)
    ends.push(async () => endRedirect())
    const folder = await mkdtemp(join(tmpdir(), 'apps-'))
    ends.push(() => rm(folder, { recursive: true, force: true }))
    await deploy(azure, content)

    const start = async (app: App, clockAhead?: number) => {
      for (const name of unreadSettings(app))
        refuse(azure, app, 'setting', '', 'its start', `nothing reads ${name}: see ${madeIn(app)}`)
      const where = join(folder, app.service)
      await unpack(app.package ? await fetchPackage(azure, app) : content, where)
      const started = await startFunctionApp(azure, app, {
        folder: where,
        clockAhead,
        onLine(line) {
          for (const listener of listeners) listener(app, line)
        },
        onUnknown: (host, port) =>
          refuse(azure, app, 'host', 'to connect', host, unknownHost(app, host, port)),
        onFailure: (error) => refuse(azure, app, 'process', 'to run', app.name, error.message),
      })
      apps.set(app.service, started)
    }
    ends.push(() => Promise.all([...apps.values()].map((app) => app.stop())))
    const webApps = new Map<string, RunningWebApp>()
    await allOf([
      ...deployment.webApps.map((one) => openWebApp(deployment, one, portOf, webApps, ends)),
      ...deployment.apps.map((app) => start(app)),
    ])
    const services = await openServices(deployment, portOf, ends)
    const addressOf = (app: string) => webApps.get(`web-${app}`)?.url ?? services.get(app) ?? ''
    const onlooker = lookOn(azure)
    ends.push(async () => {
      await onlooker.bus.close()
      onlooker.cosmos.dispose()
    })
    const headers = await signIn(azure, apps.get('admin')?.app)
    const employee = createAdminClient({ baseUrl: addressOf('admin'), headers })
    // As infra/hooks/postdeploy.js does: until then there is no catalogue, and other apps may not make it.
    await employee.products.list()
    return {
      azure,
      apps,
      webApps,
      addressOf,
      customer: createClient({ baseUrl: addressOf('store') }),
      employee,
      onlooker,
      async restart(service, changed = {}, clockAhead) {
        const app = deployment.apps.find((one) => one.service === service)
        const running = apps.get(service)
        apps.delete(service)
        await running?.stop()
        if (app) await start(withChanged(app, changed), clockAhead)
      },
      onLine(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      close,
    }
  } catch (error) {
    await close()
    throw withRefusals(error, refused)
  }
}

/** An error with what was refused before it, which is why it came. */
function withRefusals(error: unknown, refused: readonly Refused[]): unknown {
  const texts = [...new Set(refused.map(describeRefusal))]
  if (!texts.length || !(error instanceof Error)) return error
  return new Error([error.message, ...texts].join('\n'), { cause: error })
}

type Ends = (() => Promise<unknown>)[]

/** Builds what is deployed; answers the package that all apps share. */
async function build({ webApps }: Deployment): Promise<Buffer> {
  const [content] = await Promise.all([
    buildPackage(),
    ...webApps.map(({ service }) => buildIfStale(service as 'web-store' | 'web-admin')),
  ])
  return content
}

/** Waits for all of them, and only then fails with the first that failed: whatever has started is known by then. */
async function allOf(all: Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}

async function openWebApp(
  deployment: Deployment,
  webApp: WebApp,
  portOf: PortOf,
  running: Map<string, RunningWebApp>,
  ends: Ends,
): Promise<void> {
  const entrance = await openEntrance(deployment, webApp, portOf)
  ends.push(() => entrance.close())
  const started = await startWebApp(webApp, entrance.port)
  ends.push(() => started.stop())
  running.set(webApp.service, started)
}

/** The addresses of pods, by service. */
async function openServices(deployment: Deployment, portOf: PortOf, ends: Ends) {
  const services = new Map<string, string>()
  for (const app of deployment.apps.filter(({ pod }) => pod)) {
    const service = await openService(app, portOf)
    ends.push(() => service.close())
    services.set(app.service, `http://127.0.0.1:${service.port}`)
  }
  return services
}

/** The headers of an employee who is signed in, the way that the app asks for. */
async function signIn({ authority }: Azure, app: App | undefined): Promise<Record<string, string>> {
  const { AUTH, AUTH_AUDIENCE = '' } = app?.settings ?? {}
  if (AUTH !== 'jwt') return { cookie: signInCookie(['admin']) }
  return { authorization: `Bearer ${await authority.signPerson(AUTH_AUDIENCE, ['admin'])}` }
}

function withChanged(app: App, changed: Changed): App {
  const settings = Object.entries({ ...app.settings, ...changed })
  return {
    ...app,
    settings: Object.fromEntries(settings.filter((one): one is [string, string] => one[1] !== undefined)),
  }
}

function unknownHost(app: App, host: string, port: number | undefined): string {
  // Where credentials look for an identity when nobody tells them of one.
  if (host === '169.254.169.254')
    return 'nobody tells it of an identity: its pod lacks the label azure.workload.identity/use, see infra/kubernetes/chart/templates/roles.yaml'
  const what =
    port === undefined
      ? 'no resource of the template has this host name'
      : `nothing answers there at port ${port}`
  return `${what}${standsIn(app, host)}`
}

function refuse(
  { rights, deployment }: Azure,
  app: App,
  fault: Fault,
  action: string,
  resource: string,
  reason: string,
) {
  rights.refuse({ identity: identityOf(deployment, app), app: app.name, fault, action, resource, reason })
}

function lookOn({ authority, everything, deployment: { serviceBus, cosmos } }: Azure): World['onlooker'] {
  const credential = {
    async getToken(scopes: string | string[]) {
      const audience = String([scopes].flat()[0]).replace(/\/+\.default$/, '')
      const { token, expires } = await authority.sign(everything, audience)
      return { token, expiresOnTimestamp: expires * 1000 }
    },
  }
  return {
    bus: new ServiceBusClient(serviceBus.host, credential),
    cosmos: new CosmosClient({ endpoint: `https://${cosmos.host}:443/`, aadCredentials: credential }),
  }
}
