/**
 * When simulated events happen. Event number n of a rate falls n/rate after the epoch, so the times follow from the
 * clock alone: nothing has to be remembered between the ticks of a timer, a rate below one a tick comes out right on
 * average, and an event has a number by which doing it twice can be noticed. Pure.
 */

export interface Event {
  /** The same for this event whenever it is asked for. */
  number: number
  /** Milliseconds since the epoch. */
  at: number
}

const hour = 3_600_000

/** The events of a rate from one time (inclusive) to another (exclusive), both in milliseconds since the epoch. */
export function eventsBetween(from: number, to: number, perHour: number): Event[] {
  const events: Event[] = []
  if (perHour <= 0) return events
  for (let number = Math.ceil((from * perHour) / hour); ; number++) {
    const at = (number * hour) / perHour
    if (at >= to) return events
    events.push({ number, at })
  }
}

const minute = 60_000

/** The events of the minute whose timer tick comes at `now`; a tick may come a little early or late. */
export function eventsOfTick(now: Date, perHour: number): Event[] {
  const start = Math.round(now.getTime() / minute) * minute
  return eventsBetween(start, start + minute, perHour)
}
