/**
 * How many calls a minute are taken, from one caller and in all, so that a script that runs wild does not fill what is
 * behind them. The caller is the address that the first proxy saw. Whoever makes addresses up meets the limit of all.
 */
import { ProblemError } from './problem.ts'
import { rateLimit } from './rateLimit.ts'

/**
 * @param perMinute the limits; 0 is none.
 * @param what is counted, for people: "orders".
 * @returns counts a call, or so many at once, by its `X-Forwarded-For`; throws `ProblemError` 429 when the caller, or all together, had too many:
 * then it does not count.
 */
export function callerLimit(
  perMinute: { caller: number; all: number },
  what: string,
): (forwardedFor: string | null, calls?: number) => void {
  const ofCaller = perMinute.caller ? rateLimit(perMinute.caller) : null
  const ofAll = perMinute.all ? rateLimit(perMinute.all) : null
  return (forwardedFor, calls = 1) => {
    const caller = addressOf(forwardedFor)
    const wait = Math.max(ofCaller?.waitOf(caller, calls) ?? 0, ofAll?.waitOf('all', calls) ?? 0)
    if (wait > 0) {
      const retryAfter = Math.ceil(wait / 1000)
      throw new ProblemError(429, `Too many ${what}; there is room again in ${retryAfter} s.`, { retryAfter })
    }
    ofCaller?.count(caller, calls)
    ofAll?.count('all', calls)
  }
}

/** The first address of `X-Forwarded-For`, without the port that Azure's front writes behind it. */
const addressOf = (forwardedFor: string | null) =>
  (forwardedFor?.split(',')[0] ?? '')
    .trim()
    .replace(/^(\d+(?:\.\d+){3}):\d+$|^(\[[^\]]*\])(?::\d+)?$/, '$1$2')
