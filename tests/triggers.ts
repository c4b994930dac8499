/** For tests that call triggers in their own process, against the real Cosmos DB and Service Bus protocols. */
import {
  type HttpHandler,
  type HttpMethod,
  HttpRequest,
  type HttpResponseInit,
  InvocationContext,
} from '@azure/functions'
import { startLocalCloud } from '../local/cloud.ts'
import { startServiceBus } from '../local/service-bus/index.ts'
import serviceBusConfig from '../local/service-bus.config.json' with { type: 'json' }

export interface Dependencies {
  settings: Record<string, string>
  /** Ends Cosmos DB, as an outage does. */
  stopCosmos(): Promise<void>
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
    async stop() {
      await Promise.all([cloud.stop(), bus.close()])
    },
  }
}

export interface Call {
  method?: HttpMethod
  url?: string
  headers?: Record<string, string>
  params?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
}

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it expects.
  body: any
}

/** Calls an HTTP trigger as the host would. */
export async function call(handler: HttpHandler, request: Call = {}): Promise<Answer> {
  const {
    method = request.body === undefined ? 'GET' : 'POST',
    headers = {},
    params = {},
    query = {},
  } = request
  const answer = ((await handler(
    new HttpRequest({
      method,
      url: request.url ?? 'http://localhost/api',
      headers: {
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      params,
      query,
      ...(request.body === undefined ? {} : { body: { string: JSON.stringify(request.body) } }),
    }),
    quietContext(),
  )) ?? {}) as HttpResponseInit
  const text = typeof answer.body === 'string' ? answer.body : undefined
  return {
    status: answer.status ?? 200,
    headers: new Headers(answer.headers as Record<string, string>),
    body: answer.jsonBody ?? (text?.startsWith('{') ? JSON.parse(text) : text),
  }
}

/** The context of an invocation whose log goes to `lines` and nowhere else. */
export function quietContext(lines: string[] = [], init: Record<string, unknown> = {}): InvocationContext {
  return new InvocationContext({
    functionName: 'test',
    logHandler: (_level, ...parts) => void lines.push(parts.map(String).join(' ')),
    ...init,
  })
}
