/** A Static Web App: the emulator, with what was built, in front of the app that is linked to it. */
import { join } from 'node:path'
import { startPart } from '../cloud/part.ts'
import { choosePorts } from '../cloud/ports.ts'
import { root } from '../root.ts'
import type { WebApp } from './deployment.ts'

export interface RunningWebApp {
  readonly webApp: WebApp
  /** Without a slash at the end. */
  readonly url: string
  stop(): Promise<void>
}

/** @param apiPort where its API is found */
export async function startWebApp(webApp: WebApp, apiPort: number): Promise<RunningWebApp> {
  const { store: port } = await choosePorts({})
  const built = join(root, webApp.service, 'dist')
  const part = await startPart({
    title: webApp.name,
    script: join(root, 'local/static-web-app/cli.ts'),
    port,
    env: {
      SWA_CLI_HOST: 'localhost',
      SWA_CLI_PORT: String(port),
      SWA_CLI_APP_SSL: 'false',
      SWA_CLI_OUTPUT_LOCATION: built,
      SWA_RUNTIME_CONFIG_LOCATION: built,
      SWA_CLI_API_LOCATION: `http://127.0.0.1:${apiPort}`,
    },
  })
  return { webApp, url: `http://localhost:${port}`, stop: () => part.stop() }
}

/** The cookie of somebody who is signed in with these roles, as the emulator reads it. */
export const signInCookie = (roles: readonly string[]): string => {
  const principal = {
    identityProvider: 'aad',
    userId: 'd75b260a64504067bfc5b2905e3b8182',
    userDetails: 'captain@contoso.example',
    userRoles: ['anonymous', 'authenticated', ...roles],
  }
  return `StaticWebAppsAuthCookie=${Buffer.from(JSON.stringify(principal)).toString('base64')}`
}
