/** For tests that call triggers in their own process, against the real Cosmos DB and Service Bus protocols. */
import { type HttpHandler, type HttpMethod, InvocationContext } from '@azure/functions'
import serviceBusConfig from '../infra/service-bus.json' with { type: 'json' }
import { startLocalCloud } from '../local/cloud/cloud.ts'
import { startServiceBus } from '../local/service-bus/index.ts'
import { type CosmosProxy, startCosmosProxy } from './faults/cosmosProxy.ts'
import { type Call, invoke } from './invoke.ts'

export interface Dependencies {
  settings: Record<string, string>
  /** Ends Cosmos DB, as an outage does. */
  stopCosmos(): Promise<void>
  stopServiceBus(): Promise<void>
  stop(): Promise<void>
}

/** Starts what the triggers talk to and points this process's settings at it. Nobody needs to sign in. */
export async function startDependencies(more: Record<string, string> = {}): Promise<Dependencies> {
  const [cloud, bus] = await Promise.all([
    startLocalCloud({ parts: ['cosmos'] }),
    startServiceBus({ port: 0, config: serviceBusConfig }),
  ])
  const settings = { ...cloud.settings, ServiceBusConnection: bus.connectionString, AUTH: 'none', ...more }
  Object.assign(process.env, settings)
  return {
    settings,
    stopCosmos: () => cloud.stopPart('cosmos'),
    stopServiceBus: () => bus.close(),
    async stop() {
      await Promise.all([cloud.stop(), bus.close()])
    },
  }
}

/** The same with a proxy in front of the database that can misbehave, and that writes down what is asked of it. */
export async function startWatchedDependencies(): Promise<Dependencies & { proxy: CosmosProxy }> {
  const [cloud, proxy] = await Promise.all([startDependencies(), startCosmosProxy()])
  const connection = cloud.settings.CosmosConnection ?? ''
  const address = /127\.0\.0\.1:(\d+)/
  proxy.target = Number(address.exec(connection)?.[1])
  const watched = connection.replace(address, `127.0.0.1:${proxy.port}`)
  cloud.settings.CosmosConnection = watched
  process.env.CosmosConnection = watched
  return {
    ...cloud,
    proxy,
    async stop() {
      await proxy.close()
      await cloud.stop()
    },
  }
}

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it expects.
  body: any
}

/** Calls an HTTP trigger: by GET, or by POST when there is a body, unless `method` says otherwise. */
export async function call(
  handler: HttpHandler,
  { method, ...request }: Call & { method?: HttpMethod } = {},
): Promise<Answer> {
  const response = await invoke(handler, method ?? (request.body === undefined ? 'GET' : 'POST'), request)
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined }
}

/** The context of an invocation whose log goes to `lines` and nowhere else. */
export function quietContext(lines: string[] = [], init: Record<string, unknown> = {}): InvocationContext {
  return new InvocationContext({
    functionName: 'test',
    logHandler: (_level, ...parts) => void lines.push(parts.map(String).join(' ')),
    ...init,
  })
}
