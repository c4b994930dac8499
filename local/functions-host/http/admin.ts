/**
 * The host's own pages: the home page, `/admin/host/status`, `/admin/host/ping`, `/admin/functions`, the call of a
 * function that is not triggered by HTTP, and `/admin/local/functions`, which is this host's alone.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostname } from 'node:os'
import { hostVersion } from '../coreApi.ts'
import type { HostFunction } from '../functions.ts'
import type { HostConfig } from '../hostConfig.ts'
import type { FunctionKeys } from './keys.ts'

/** Answers a request for one of the host's own pages; false when it is not for one. */
export type AdminPages = (
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  keys: FunctionKeys | undefined,
) => Promise<boolean>

export interface HostState {
  id: string
  state: 'Running' | 'Offline'
}

export function createAdminPages(options: {
  config: HostConfig
  functions: HostFunction[]
  state: HostState
  /** Whether `/` shows the host's page. */
  hasHomePage: boolean
  /** The URL of an HTTP function. */
  urlOf(fn: HostFunction): string | undefined
  /** What this host knows of a function's runs. */
  runsOf(fn: HostFunction): object
  /** Runs a function that is not triggered by HTTP, with an input of the caller's. */
  call(fn: HostFunction, input: string): Promise<void>
}): AdminPages {
  const { config, functions, state } = options
  const instanceId = randomUUID()
  const isHttp = (fn: HostFunction) => options.urlOf(fn) !== undefined

  const describeFunction = (fn: HostFunction) => ({
    name: fn.name,
    invoke_url_template: options.urlOf(fn) ?? null,
    language: 'node',
    isDisabled: fn.disabled,
    config: {
      name: fn.name,
      bindings: Object.entries(fn.metadata.bindings).map(([name, binding]) => ({ ...binding, name })),
    },
  })

  return async (request, response, url, keys) => {
    const path = url.pathname.replace(/\/$/, '').toLowerCase()
    const method = request.method ?? 'GET'
    if (url.pathname === '/') {
      request.resume()
      if (options.hasHomePage)
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(homePage)
      else response.writeHead(204).end()
      return true
    }
    if (!path.startsWith('/admin/')) return false
    if (path === '/admin/host/ping' && (method === 'GET' || method === 'POST')) {
      request.resume()
      response.writeHead(200, { 'content-length': 0, 'cache-control': 'no-store' }).end()
      return true
    }
    if (keys && !keys.isMaster(request, url)) {
      request.resume()
      response.writeHead(401, { 'content-length': 0 }).end()
      return true
    }
    const fn = functions.find(({ name }) => path === `/admin/functions/${name.toLowerCase()}`)
    if (path === '/admin/host/status' && method === 'GET') {
      send(response, {
        id: state.id,
        state: state.state,
        version: hostVersion,
        versionDetails: `${hostVersion} local-functions-host`,
        instanceId,
        computerName: hostname(),
        processUptime: Math.round(process.uptime() * 1000),
        extensionBundle: config.extensionBundle ?? null,
      })
    } else if (path === '/admin/local/functions' && method === 'GET') {
      // Of this host alone: Azure has no such page.
      send(
        response,
        functions.map((fn) => ({ name: fn.name, trigger: fn.trigger.type, ...options.runsOf(fn) })),
      )
    } else if (path === '/admin/functions' && method === 'GET') {
      send(response, functions.map(describeFunction))
    } else if (fn && method === 'GET') {
      send(response, describeFunction(fn))
    } else if (fn && method === 'POST' && !isHttp(fn)) {
      const input = await readInput(request)
      if (input === undefined) {
        response.writeHead(400, { 'content-type': 'text/plain' }).end('The body must be like {"input": "…"}.')
      } else {
        response.writeHead(202, { 'content-length': 0 }).end()
        await options.call(fn, input).catch(() => {})
      }
    } else {
      return false
    }
    return true
  }
}

async function readInput(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  if (chunks.length === 0) return ''
  try {
    const { input } = JSON.parse(Buffer.concat(chunks).toString()) as { input?: unknown }
    return typeof input === 'string' ? input : JSON.stringify(input ?? '')
  } catch {
    return undefined
  }
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

const homePage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Functions app</title></head>
<body><h1>Your Functions app is up and running</h1></body></html>
`
