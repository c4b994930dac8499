import { timingSafeEqual } from 'node:crypto'
import { config } from '../platform/config.ts'
import { untraced } from '../platform/http.ts'
import { ProblemError } from '../platform/problem.ts'
import { requireAdmin } from '../platform/signIn.ts'
import { counted } from '../platform/telemetry/metrics.ts'
import { prometheusText, prometheusType } from '../platform/telemetry/prometheus.ts'
import { waiting } from './waiting.ts'

/**
 * GET /api/metrics, for Prometheus: what this instance counted and, where it may read the queues, what the database and the
 * broker know. Sales can be read from it, so it is for whoever has the token `METRICS_TOKEN`, and for employees.
 */
export const metrics = untraced(async (request) => {
  await refuseOthers(request.headers)
  const { roles } = config()
  const known = roles.has('admin') || roles.has('makeline') ? await waiting() : []
  return {
    headers: { 'content-type': prometheusType, 'cache-control': 'no-store' },
    body: prometheusText([...counted(), ...known]),
  }
})

async function refuseOthers(headers: { get(name: string): string | null }): Promise<void> {
  const { metricsToken, roles, auth } = config()
  const [, token] = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '') ?? []
  if (metricsToken && token && isSame(token, metricsToken)) return
  // Where no sign-in stands in front of the app, the header that says who is signed in is anyone's to write.
  if (auth === 'swa' && !roles.has('admin')) throw new ProblemError(401, 'The metrics want their token.')
  await requireAdmin(headers)
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
