/** What this host counts of its functions since it started. The real host leaves that to its monitoring. */
import type { Invoker } from './invoke.ts'
import type { HttpResponseData, InvocationResponse } from './rpc.ts'

export interface FunctionStatistics {
  invocations: number
  /** Those that threw, or answered with a 5xx. */
  failures: number
  running: number
  /** Milliseconds: of the first one, which is a cold start; of the last one; and on average. */
  first: number | null
  last: number | null
  mean: number | null
  /** When the last one began, ISO 8601. */
  lastBegan: string | null
}

export interface Statistics {
  of(functionName: string): FunctionStatistics
}

const none: FunctionStatistics = {
  invocations: 0,
  failures: 0,
  running: 0,
  first: null,
  last: null,
  mean: null,
  lastBegan: null,
}

const statusOf = ({ returnValue }: InvocationResponse) =>
  Number((returnValue?.http as Partial<HttpResponseData> | undefined)?.statusCode)

/** Makes an invoker count what it does. */
export function withStatistics(invoker: Invoker): Invoker & { statistics: Statistics } {
  const counts = new Map<string, FunctionStatistics>()
  const { invoke } = invoker
  return Object.assign(invoker, {
    statistics: { of: (name: string) => counts.get(name) ?? none },
    async invoke(...[fn, trigger]: Parameters<Invoker['invoke']>) {
      const count = counts.get(fn.name) ?? { ...none }
      counts.set(fn.name, count)
      const started = performance.now()
      count.running++
      count.lastBegan = new Date().toISOString()
      try {
        const response = await invoke(fn, trigger)
        if (statusOf(response) >= 500) count.failures++
        return response
      } catch (error) {
        count.failures++
        throw error
      } finally {
        const took = performance.now() - started
        count.mean = ((count.mean ?? 0) * count.invocations + took) / ++count.invocations
        count.first ??= took
        count.last = took
        count.running--
      }
    },
  })
}
