/** Where Application Insights takes telemetry: with a token, since keys alone are not taken. It only counts what comes. */
import { gunzipSync } from 'node:zlib'
import type { Deployment } from './deployment.ts'
import type { Gate } from './gate.ts'
import { type Handler, readBody, sendJson } from './httpAnswers.ts'

export const monitorAudience = 'https://monitor.azure.com'

const action = 'Microsoft.Insights/Telemetry/Write'

export function ingestionSite(insights: Deployment['insights'], gate: Gate): Handler {
  return async (request, response) => {
    const body = await readBody(request)
    if (request.method !== 'POST' || !/^\/v2(\.1)?\/track/.test(request.url ?? ''))
      return void response.writeHead(404).end()
    const stop = await gate.check(request, action, insights.id)
    if (stop) {
      const status = stop.kind === 'right' ? 403 : 401
      const errors = [{ index: 0, statusCode: status, message: 'Authentication or authorization failed.' }]
      return sendJson(response, status, { itemsReceived: 0, itemsAccepted: 0, errors })
    }
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const count = text.toString().trim().split('\n').length
    sendJson(response, 200, { itemsReceived: count, itemsAccepted: count, errors: [] })
  }
}
