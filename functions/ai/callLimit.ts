/**
 * How many calls a minute the models get, from one user and in all: they cost money, and a script that runs wild should
 * not spend it. Each instance of the app counts for itself, so with n instances up to n times the limit gets through;
 * what a provider's own quota allows is the bound that holds over all of them.
 */
const minute = 60_000

export interface CallLimit {
  /** Counts a call and answers null, or the seconds after which the user may call again; a refused call does not count. */
  take(user: string): number | null
}

/** A limit over a sliding minute. `now` is a clock in milliseconds that only goes forward. */
export function callLimit(
  most: { user: number; all: number },
  now: () => number = () => performance.now(),
): CallLimit {
  let calls: { user: string; at: number }[] = []
  return {
    take(user) {
      const time = now()
      calls = calls.filter(({ at }) => at > time - minute)
      const own = calls.filter((call) => call.user === user)
      const waits = [waitOf(own, most.user, time), waitOf(calls, most.all, time)]
      const wait = Math.max(...waits)
      if (wait > 0) return Math.ceil(wait / 1000)
      calls.push({ user, at: time })
      return null
    },
  }
}

/** Milliseconds until fewer than `most` of these calls are younger than a minute. */
function waitOf(calls: { at: number }[], most: number, time: number): number {
  const oldestInTheWay = calls[calls.length - most]
  return oldestInTheWay ? oldestInTheWay.at + minute - time : 0
}
