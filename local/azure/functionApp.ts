/**
 * A function app: a process of the Functions host with exactly the template's settings. Beside them stand only what the
 * platform tells every app, and what a process needs of the machine it runs on.
 */
import { join } from 'node:path'
import { type Part, type PartOptions, startPart } from '../cloud/part.ts'
import { choosePorts } from '../cloud/ports.ts'
import { root } from '../root.ts'
import type { Azure } from './azure.ts'
import type { App } from './deployment.ts'
import type { Told } from './preload.ts'
import { madeIn } from './settingPlaces.ts'

/** Variables without which a process does not run, or not well; they say nothing of the store. */
const ofMachine = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'USERPROFILE', 'NODE_COMPILE_CACHE']

export interface FunctionApp {
  readonly app: App
  readonly port: number
  /** Its environment as its process found it. */
  readonly environment: Readonly<Record<string, string>>
  /** What the platform put there beside the settings. */
  readonly platform: Readonly<Record<string, string>>
  /** The functions that it has, with their bindings. */
  functions(): Promise<HostedFunction[]>
  /** Waits for a line that it writes from now on. */
  line(pattern: RegExp, signal: AbortSignal): Promise<RegExpExecArray>
  /** Runs a function, as its timer would; resolves when it has succeeded, and rejects with its last lines where it failed. */
  run(name: string): Promise<void>
  stop(): Promise<void>
}

export interface HostedFunction {
  readonly name: string
  readonly config: { readonly bindings: readonly Record<string, unknown>[] }
}

export interface FunctionAppOptions {
  /** The folder of its package. */
  readonly folder: string
  readonly onLine?: (line: string) => void
  /** It wanted to connect to a host that there is not, or to a port that nothing has there. */
  readonly onUnknown?: (host: string, port: number | undefined) => void
  /** Milliseconds by which its clock is ahead. */
  readonly clockAhead?: number | undefined
  readonly onFailure?: (error: Error) => void
}

/**
 * What an app is told of where it runs. Sources: "Environment variables and app settings in Azure App Service" on Microsoft
 * Learn; for a pod, Kubernetes' own variables and those of the image (infra/kubernetes/images/functions).
 */
export function placeVariables(app: App): Record<string, string> {
  if (app.pod) return { KUBERNETES_SERVICE_HOST: '10.0.0.1', FUNCTIONS_WORKER_RUNTIME: 'node' }
  return {
    WEBSITE_SITE_NAME: app.name,
    WEBSITE_HOSTNAME: app.host,
    WEBSITE_AUTH_ENABLED: app.lockedBehind ? 'True' : 'False',
    FUNCTIONS_WORKER_RUNTIME: 'node',
  }
}

/** @throws {Error} with the program's last output, and where settings are made. */
async function started(app: App, options: PartOptions): Promise<Part> {
  try {
    return await startPart(options)
  } catch (error) {
    const where = `Its settings are made in ${madeIn(app)}.`
    throw new Error(`${(error as Error).message}\n${where}`, { cause: error })
  }
}

/** Variables of the machine that an app's process gets. */
export const machineVariables = (): Record<string, string> =>
  Object.fromEntries(
    ofMachine.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** @throws {Error} with the app's last output, where it does not start. */
export async function startFunctionApp(
  azure: Azure,
  app: App,
  { folder, onLine, onUnknown, onFailure, clockAhead = 0 }: FunctionAppOptions,
): Promise<FunctionApp> {
  const { api: port } = await choosePorts({})
  const platform = { ...placeVariables(app), ...(await azure.identityVariables(app)) }
  const preload = new URL('./preload.ts', import.meta.url)
  preload.searchParams.set('route', JSON.stringify(azure.route))
  if (clockAhead) preload.searchParams.set('ahead', String(clockAhead))
  let environment: Record<string, string> = {}
  const lines = new Set<(line: string) => void>()
  const part: Part = await started(app, {
    title: app.name,
    script: join(root, 'local/functions-host/cli.mjs'),
    args: ['--app-root', folder, '--port', String(port)],
    env: { ...machineVariables(), ...platform, ...app.settings },
    onlyEnv: true,
    preloads: [preload.href],
    port,
    ready: /Functions host listening on/,
    onMessage(message) {
      const told = message as Told
      if (told.environment) environment = told.environment
      if (told.unknown) onUnknown?.(told.unknown.host, told.unknown.port)
    },
    onLine(line) {
      onLine?.(line)
      for (const listener of lines) listener(line)
    },
    ...(onFailure && { onFailure }),
  })
  const url = `http://127.0.0.1:${port}`
  return {
    app,
    port,
    get environment() {
      return environment
    },
    platform,
    functions: async () => (await fetch(`${url}/admin/functions`)).json() as Promise<HostedFunction[]>,
    line: (pattern, signal) =>
      new Promise((resolve, reject) => {
        const listener = (line: string) => {
          const match = pattern.exec(line)
          if (!match) return
          lines.delete(listener)
          resolve(match)
        }
        lines.add(listener)
        signal.addEventListener('abort', () => {
          lines.delete(listener)
          reject(signal.reason)
        })
      }),
    async run(name) {
      const said: string[] = []
      const done = new Promise<void>((resolve, reject) => {
        const listener = (line: string) => {
          if (line.includes(name)) said.push(line)
          const [, outcome] = new RegExp(`${name}\\W.*Executed \\((\\w+)`).exec(line) ?? []
          if (!outcome) return
          lines.delete(listener)
          if (outcome === 'Succeeded') resolve()
          else reject(new Error([`${app.name}: ${name} failed.`, ...said].join('\n  | ')))
        }
        lines.add(listener)
      })
      // Nobody may be waiting for it any more when it fails.
      done.catch(() => {})
      const response = await fetch(`${url}/admin/functions/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
      if (response.status !== 202) throw new Error(`${app.name} has no function ${name} to be run.`)
      await done
    },
    stop: () => part.stop(),
  }
}
