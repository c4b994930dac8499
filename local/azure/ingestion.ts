/** Where Application Insights takes telemetry: with a token, since keys alone are not taken. It only counts what comes. */
import { gunzipSync } from 'node:zlib'
import type { watchTimes } from './clock.ts'
import type { Deployment } from './deployment.ts'
import type { Gate } from './gate.ts'
import { type Handler, readBody, sendJson } from './httpAnswers.ts'

export const monitorAudience = 'https://monitor.azure.com'

const action = 'Microsoft.Insights/Telemetry/Write'

/** @param watch is shown of when whoever sends telemetry tells */
export function ingestionSite(
  insights: Deployment['insights'],
  gate: Gate,
  watch: ReturnType<typeof watchTimes>,
): Handler {
  return async (request, response) => {
    const body = await readBody(request)
    if (request.method !== 'POST' || !/^\/v2(\.1)?\/track/.test(request.url ?? ''))
      return void response.writeHead(404).end()
    const answer = await gate.check(request, action, insights.id)
    if (answer.kind !== 'guest') {
      const status = answer.kind === 'right' ? 403 : 401
      const errors = [{ index: 0, statusCode: status, message: 'Authentication or authorization failed.' }]
      return sendJson(response, status, { itemsReceived: 0, itemsAccepted: 0, errors })
    }
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    const lines = text.toString().trim().split('\n')
    const times = lines.map((line) => Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? ''))
    const last = Math.max(...times.filter((time) => !Number.isNaN(time)))
    if (Number.isFinite(last)) watch(answer.who, last)
    const count = lines.length
    sendJson(response, 200, { itemsReceived: count, itemsAccepted: count, errors: [] })
  }
}
