/** The store as it is deployed, running here: apps, web apps, and those who use them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CosmosClient } from '@azure/cosmos'
import { ServiceBusClient } from '@azure/service-bus'
import { createAdminClient } from '@store/contract/admin-client'
import { createClient } from '@store/contract/client'
import { buildIfStale } from '../builds.ts'
import { openEntrance, openService, publicSite } from './appService.ts'
import { type Azure, startAzure } from './azure.ts'
import type { App, Deployment } from './deployment.ts'
import { type FunctionApp, startFunctionApp } from './functionApp.ts'
import type { Handler } from './httpAnswers.ts'
import { standsIn } from './identityEndpoint.ts'
import { buildPackage, deploy, fetchPackage, unpack } from './packages.ts'
import { redirectToFront } from './redirect.ts'
import { type RunningWebApp, signInCookie, startWebApp } from './webApp.ts'

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
  /** Starts an app's process anew: what it had remembered is forgotten. @param changed settings, for trying a mistake */
  restart(service: string, changed?: Readonly<Record<string, string | undefined>>): Promise<void>
  close(): Promise<void>
}

export interface WorldOptions {
  /** A line of an app. */
  readonly onLine?: (app: App, line: string) => void
}

/** @throws {Error} with the last output of an app that does not start. Nothing is left running then. */
export async function startWorld(deployment: Deployment, { onLine }: WorldOptions = {}): Promise<World> {
  const apps = new Map<string, FunctionApp>()
  const ends: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const [content] = await Promise.all([
      buildPackage(),
      ...deployment.webApps.map(({ service }) => buildIfStale(service as 'web-store' | 'web-admin')),
    ])
    const portOf = (app: App) => apps.get(app.service)?.port
    const sites = new Map<string, Handler>(deployment.apps.map((app) => [app.host, publicSite(app, portOf)]))
    const azure = await startAzure({ deployment, sites })
    ends.push(() => azure.close())
    const endRedirect = redirectToFront(azure.route)
    ends.push(async () => endRedirect())
    const folder = await mkdtemp(join(tmpdir(), 'apps-'))
    ends.push(() => rm(folder, { recursive: true, force: true }))
    await deploy(azure, content)

    const start = async (app: App) => {
      const where = join(folder, app.service)
      await unpack(app.package ? await fetchPackage(azure, app) : content, where)
      const started = await startFunctionApp(azure, app, {
        folder: where,
        onLine: (line) => onLine?.(app, line),
        onUnknownHost: (host) => refuseHost(azure, app, host),
      })
      apps.set(app.service, started)
    }
    ends.push(() => Promise.all([...apps.values()].map((app) => app.stop())))
    await Promise.all(deployment.apps.map(start))

    const webApps = new Map<string, RunningWebApp>()
    for (const webApp of deployment.webApps) {
      const entrance = await openEntrance(deployment, webApp, portOf)
      ends.push(() => entrance.close())
      const running = await startWebApp(webApp, entrance.port)
      ends.push(() => running.stop())
      webApps.set(webApp.service, running)
    }
    const onlooker = lookOn(azure)
    ends.push(async () => {
      await onlooker.bus.close()
      onlooker.cosmos.dispose()
    })
    const services = new Map<string, string>()
    for (const app of deployment.apps.filter(({ pod }) => pod)) {
      const service = await openService(app, portOf)
      ends.push(() => service.close())
      services.set(app.service, `http://127.0.0.1:${service.port}`)
    }
    const addressOf = (app: string) => webApps.get(`web-${app}`)?.url ?? services.get(app) ?? ''
    const { AUTH, AUTH_AUDIENCE = '' } = apps.get('admin')?.app.settings ?? {}
    const headers: Record<string, string> =
      AUTH === 'jwt'
        ? { authorization: `Bearer ${await azure.authority.signPerson(AUTH_AUDIENCE, ['admin'])}` }
        : { cookie: signInCookie(['admin']) }
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
      async restart(service, changed = {}) {
        const app = deployment.apps.find((one) => one.service === service)
        const running = apps.get(service)
        apps.delete(service)
        await running?.stop()
        if (app) await start(withChanged(app, changed))
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function withChanged(app: App, changed: Readonly<Record<string, string | undefined>>): App {
  const settings = Object.entries({ ...app.settings, ...changed })
  return {
    ...app,
    settings: Object.fromEntries(settings.filter((one): one is [string, string] => one[1] !== undefined)),
  }
}

function refuseHost({ rights, deployment }: Azure, app: App, host: string): void {
  const identity = deployment.identities.find(({ id }) => app.identities.includes(id))
  const reason = `no resource of the template has this host name${standsIn(app, host)}`
  rights.refuse({ identity, action: 'to connect', resource: host, reason })
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
