import * as z from 'zod'
import { Instant } from './order.ts'
import { orderStates } from './status.ts'

const count = z.int().min(0)

const longestRange = 366 * 24 * 3_600_000

/** The query of GET /api/analytics/summary. A range is widened to whole quarters of an hour. */
export const AnalyticsQuery = z
  .object({ from: Instant.optional(), to: Instant.optional() })
  .refine(({ from, to }) => !from || from < (to ?? new Date().toISOString()), {
    path: ['to'],
    error: 'must be after from',
  })
  .refine(
    ({ from, to }) => !from || Date.parse(to ?? new Date().toISOString()) - Date.parse(from) <= longestRange,
    {
      path: ['from'],
      error: 'must not be more than 366 days before to',
    },
  )

/**
 * GET /api/analytics/summary?from&to: what was sold from `from` (inclusive) to `to` (exclusive), ISO 8601 times in UTC.
 * Money is in the store's currency; a cancelled order counts in `ordersByStatus` alone.
 */
export const AnalyticsSummary = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  orders: count,
  revenue: z.number(),
  ordersByStatus: z.object(
    Object.fromEntries(orderStates.map((state) => [state, count])) as Record<
      (typeof orderStates)[number],
      typeof count
    >,
  ),
  /**
   * One entry an hour that saw an order, in the order of time; `hour` is the hour's first instant. The hours are counted
   * from `from`: where a day begins at half past, so do they.
   */
  series: z.array(z.object({ hour: z.iso.datetime(), orders: count, revenue: z.number() })),
  /** The products that sold most, by revenue, the best first. */
  topProducts: z.array(
    z.object({ productId: z.int(), name: z.string(), quantity: count, revenue: z.number() }),
  ),
  /** From placed to complete, in seconds; null when no order of the range is complete. */
  meanSecondsToComplete: z.number().nullable(),
})
export type AnalyticsSummary = z.infer<typeof AnalyticsSummary>
