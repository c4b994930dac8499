/**
 * What those write to the log who know no invocation: use cases. A line goes to the log of the invocation that the work
 * belongs to, and is exported with its span; outside of one it goes to the console.
 */
import { currentInvocation } from './invocation.ts'

export const log = {
  info: (...what: unknown[]): void => {
    const invocation = currentInvocation()
    if (invocation) invocation.log(...what)
    else console.log(...what)
  },
  warn: (...what: unknown[]): void => (currentInvocation() ?? console).warn(...what),
  error: (...what: unknown[]): void => (currentInvocation() ?? console).error(...what),
}
