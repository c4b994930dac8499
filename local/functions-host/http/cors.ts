/** Cross-origin calls, as `Host.CORS` of `local.settings.json` allows them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LocalHostSettings } from '../settings.ts'

/**
 * Adds the headers that an allowed origin needs; answers a preflight.
 * @returns true when the request was a preflight and is done with.
 */
export function applyCors(
  { cors, corsCredentials }: LocalHostSettings,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { origin } = request.headers
  if (!origin || cors.length === 0) return false
  const any = cors.includes('*')
  const allowed = any || cors.includes(origin)
  const method = request.headers['access-control-request-method']
  const isPreflight = request.method === 'OPTIONS' && method !== undefined
  if (allowed) {
    response.setHeader('access-control-allow-origin', any && !corsCredentials ? '*' : origin)
    if (!any || corsCredentials) response.setHeader('vary', 'Origin')
    if (corsCredentials) response.setHeader('access-control-allow-credentials', 'true')
  }
  if (!isPreflight) return false
  if (allowed) {
    response.setHeader('access-control-allow-methods', method)
    const headers = request.headers['access-control-request-headers']
    if (headers) response.setHeader('access-control-allow-headers', headers)
  }
  response.writeHead(204).end()
  return true
}
