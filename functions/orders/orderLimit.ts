/**
 * How many orders a minute are taken, from one caller and in all: each is kept, and a script that runs wild should not
 * fill the store. The caller is the address that the first proxy saw. Whoever makes addresses up meets the limit of all.
 */
import { config } from '../platform/config.ts'
import { ProblemError } from '../platform/problem.ts'
import { type RateLimit, rateLimit } from '../platform/rateLimit.ts'

let limits: { caller: RateLimit | null; all: RateLimit | null } | undefined

/**
 * Counts an order.
 * @throws {ProblemError} 429 when the caller, or all together, placed too many; then it does not count.
 */
export function countOrder(forwardedFor: string | null): void {
  const { callerOrdersPerMinute, ordersPerMinute } = config().placing
  limits ??= {
    caller: callerOrdersPerMinute ? rateLimit(callerOrdersPerMinute) : null,
    all: ordersPerMinute ? rateLimit(ordersPerMinute) : null,
  }
  const caller = addressOf(forwardedFor)
  const wait = Math.max(limits.caller?.waitOf(caller) ?? 0, limits.all?.waitOf('all') ?? 0)
  if (wait > 0) {
    const retryAfter = Math.ceil(wait / 1000)
    throw new ProblemError(429, `Too many orders; there is room again in ${retryAfter} s.`, { retryAfter })
  }
  limits.caller?.count(caller)
  limits.all?.count('all')
}

/** The first address of `X-Forwarded-For`, without the port that Azure's front writes behind it. */
const addressOf = (forwardedFor: string | null) =>
  (forwardedFor?.split(',')[0] ?? '')
    .trim()
    .replace(/^(\d+(?:\.\d+){3}):\d+$|^(\[[^\]]*\])(?::\d+)?$/, '$1$2')
