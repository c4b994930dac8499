import type { InvocationContext, Timer } from '@azure/functions'
import { AnalyticsQuery } from '@store/contract'
import { config } from '../platform/config.ts'
import { adminOnly, check } from '../platform/http.ts'
import { inTimer } from '../platform/telemetry/invocation.ts'
import { quarterFrom, quarterOf, summarize } from './aggregate.ts'
import { readQuarters } from './aggregateStore.ts'
import * as counting from './countOrders.ts'

const week = 7 * 24 * 3_600_000

/** GET /api/analytics/summary: whole quarters of an hour; the answer says which. A week unless the query says otherwise. */
export const getSummary = adminOnly(async (request) => {
  const query = check(Object.fromEntries(request.query), AnalyticsQuery)
  const to = quarterFrom(query.to ?? new Date().toISOString())
  const from = quarterOf(query.from ?? Date.parse(to) - week)
  await counting.countOrdersUnlessFresh()
  return { jsonBody: summarize(from, to, await readQuarters(from, to), config().currency.decimals) }
})

/**
 * POST /api/analytics/rebuild: counts all of history anew, for when figures are doubted. A long history takes longer
 * than a request may; for that there is a command, `rebuild.ts`.
 */
export const rebuildAnalytics = adminOnly(async () => ({
  jsonBody: { hours: await counting.recountAll() },
}))

/** Timer: counts also when nobody looks, so that whoever looks next does not wait. */
export async function countOrders(_timer: Timer, context: InvocationContext): Promise<void> {
  await inTimer(context, async () => {
    const hours = await counting.countOrders()
    if (hours) context.log(`Counted ${hours} hours`)
  })
}
