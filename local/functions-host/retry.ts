/** Retry policies: a failed invocation is run again by the host, with `retryContext`, before it counts as failed. */
import type { HostFunction } from './functions.ts'
import { describe, type Invoker, type Trigger } from './invoke.ts'
import type { Logger } from './log.ts'
import type { InvocationResponse, RetryContext, RetryOptions } from './rpc.ts'

/** Wraps `invoke` with each function's retry policy. Retries end when `stopping` aborts. */
export function withRetries(
  invoke: Invoker['invoke'],
  logger: Logger,
  stopping: AbortSignal,
): (fn: HostFunction, trigger: Trigger) => Promise<InvocationResponse> {
  return async (fn, trigger) => {
    const { retry } = fn
    if (!retry) return invoke(fn, trigger)
    let retryContext: RetryContext = { retryCount: 0, maxRetryCount: retry.maxRetryCount }
    for (let attempt = 0; ; attempt++) {
      try {
        return await invoke(fn, { ...trigger, retryContext })
      } catch (error) {
        const last = retry.maxRetryCount !== -1 && attempt >= retry.maxRetryCount
        if (last || stopping.aborted) throw error
        const delay = retryDelay(retry, attempt)
        const of = retry.maxRetryCount === -1 ? '' : ` of ${retry.maxRetryCount}`
        logger.write('warning', fn.category, `Retry ${attempt + 1}${of} in ${delay / 1000} s.`)
        await pause(delay, stopping)
        if (stopping.aborted) throw error
        retryContext = {
          retryCount: attempt + 1,
          maxRetryCount: retry.maxRetryCount,
          exception: {
            message: error instanceof Error ? error.message : String(error),
            stackTrace: describe(error),
            source: fn.name,
          },
        }
      }
    }
  }
}

/** Milliseconds before retry `attempt` (from 0): fixed, or doubling with a fifth of jitter up to the maximum. */
export function retryDelay(retry: RetryOptions, attempt: number, random = Math.random): number {
  if (retry.retryStrategy === 'fixedDelay') return (retry.delayInterval?.seconds ?? 0) * 1000
  const minimum = (retry.minimumInterval?.seconds ?? 0.1) * 1000
  const maximum = (retry.maximumInterval?.seconds ?? 86_400) * 1000
  const jitter = 0.8 + random() * 0.4
  return Math.min(maximum, Math.max(minimum, minimum * 2 ** attempt * jitter))
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done)
  })
}
