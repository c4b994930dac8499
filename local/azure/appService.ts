/**
 * App Service's part: who is let in to a function app. An app that is locked behind a Static Web App is reached through
 * that one alone; one whose address rules deny strangers is reached by nobody.
 */
import type { App, Deployment, WebApp } from './deployment.ts'
import { forward, type Handler } from './httpAnswers.ts'
import { listen } from './listen.ts'

/** The port of an app's process; undefined while it does not run. */
export type PortOf = (app: App) => number | undefined

/** What answers for an app's own address, where strangers come in. */
export function publicSite(app: App, portOf: PortOf): Handler {
  return (request, response) => {
    request.resume()
    if (!app.isPublic) return void response.writeHead(403).end('Ip Forbidden')
    if (app.lockedBehind)
      return void response
        .writeHead(401, { 'www-authenticate': `Bearer realm="${app.host}"` })
        .end('You do not have permission to view this directory or page.')
    const port = portOf(app)
    if (port === undefined) return void response.writeHead(503).end('Function host is not running.')
    forward(request, response, { port })
  }
}

export interface Entrance {
  /** Where the Static Web App finds its API. */
  readonly port: number
  close(): Promise<void>
}

/** The way from a Static Web App to the app that is linked to it. */
export function openEntrance({ apps }: Deployment, webApp: WebApp, portOf: PortOf): Promise<Entrance> {
  const app = apps.find(({ name }) => name === webApp.backend)
  return openDoor(app, portOf, () => {
    if (!app) return [404, `Nothing is linked to ${webApp.name}.`]
    if (!app.isPublic) return [500, 'Backend call failure']
    return app.lockedBehind && app.lockedBehind !== webApp.host ? [401, ''] : undefined
  })
}

/** A service of Kubernetes: one address for a pod, however often that is started anew. */
export const openService = (app: App, portOf: PortOf): Promise<Entrance> =>
  openDoor(app, portOf, () => undefined)

/** @param stops the status and the text with which nobody gets in */
async function openDoor(
  app: App | undefined,
  portOf: PortOf,
  stops: () => [status: number, text: string] | undefined,
): Promise<Entrance> {
  return listen((request, response) => {
    const stop = (status: number, text: string) => {
      request.resume()
      response.writeHead(status).end(text)
    }
    const stopped = stops()
    if (stopped) return stop(...stopped)
    const port = app && portOf(app)
    if (port === undefined) return stop(503, 'Function host is not running.')
    forward(request, response, { port })
  })
}
