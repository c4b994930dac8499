import { callerLimit } from '../platform/callerLimit.ts'
import { config } from '../platform/config.ts'

let count: ReturnType<typeof callerLimit> | undefined

/**
 * Counts an order: each is kept.
 * @throws {ProblemError} 429 when the caller, or all together, placed too many; then it does not count.
 */
export function countOrder(forwardedFor: string | null): void {
  const { callerOrdersPerMinute: caller, ordersPerMinute: all } = config().placing
  count ??= callerLimit({ caller, all }, 'orders')
  count(forwardedFor)
}
