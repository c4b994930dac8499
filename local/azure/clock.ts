/** The time of Azure's services, which can be set off from this machine's: for trying what happens then. */
import type { Identity } from './deployment.ts'
import type { Refused, Rights } from './rights.ts'

export interface Clock {
  /** Milliseconds by which it is ahead. */
  ahead: number
  now(): number
}

export const createClock = (): Clock => ({
  ahead: 0,
  now() {
    return Date.now() + this.ahead
  },
})

/** Milliseconds by which clocks may differ, as with tokens; what is told of has happened a few seconds ago. */
const tolerance = 300_000

/**
 * Watches when those who tell of something say that it was. Nobody is refused anything for a clock that is ahead, and one
 * that is behind shows elsewhere, as orders that wait and tokens that are kept too long: here it is told, and of whom.
 * @param resource where it is told
 */
export function watchTimes(rights: Rights, clock: Clock, resource: string) {
  const told = new Map<Identity | undefined, number>()
  /** @param time of the last thing that was told, in milliseconds since the epoch */
  return (who: Pick<Refused, 'identity' | 'by'>, time: number): void => {
    const ahead = time - clock.now()
    const minutes = Math.abs(ahead) > tolerance ? Math.round(ahead / 60_000) : 0
    if ((told.get(who.identity) ?? 0) === minutes) return
    told.set(who.identity, minutes)
    if (minutes === 0) return
    const difference = minutes > 0 ? `${minutes} minutes ahead of` : `${-minutes} minutes behind`
    const [then, now] = [time, clock.now()].map((one) => new Date(one).toISOString())
    const reason = `its clock is ${difference} the one here: it tells of ${then}, and here it is ${now}`
    rights.refuse({ ...who, fault: 'clock', action: '', resource, reason })
  }
}
