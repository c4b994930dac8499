/**
 * How often something may be asked for: so many times a minute, all at once or spread (the generic cell rate algorithm).
 * A process counts for itself; over n instances up to n times as much gets through.
 */
const minute = 60_000

/** Callers that are remembered before those who have their whole rate again are forgotten. */
const many = 1_000

export interface RateLimit {
  /** Milliseconds until the caller may ask again, for so much at once; 0 when it may now. */
  waitOf(caller: string, calls?: number): number
  /** Counts a call, or so many. */
  count(caller: string, calls?: number): void
}

/** @param perMinute how often, at least once; `now` is a clock in milliseconds that only goes forward. */
export function rateLimit(perMinute: number, now: () => number = () => performance.now()): RateLimit {
  const interval = minute / perMinute
  /** When what each caller has asked for will have been worth its time. */
  const settled = new Map<string, number>()
  return {
    waitOf(caller, calls = 1) {
      const time = now()
      const wait = Math.max(settled.get(caller) ?? 0, time) - time - (minute - calls * interval)
      // Sums of fractions are off by less than a microsecond, which is nobody's wait.
      return wait > 0.001 ? wait : 0
    },
    count(caller, calls = 1) {
      const time = now()
      if (settled.size >= many) for (const [name, at] of settled) if (at <= time) settled.delete(name)
      settled.set(caller, Math.max(settled.get(caller) ?? 0, time) + calls * interval)
    },
  }
}
