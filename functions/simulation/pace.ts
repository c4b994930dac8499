import { setTimeout as delay } from 'node:timers/promises'
import type { Event } from './schedule.ts'

export interface Outcome {
  done: number
  failed: unknown[]
}

/** Does something at the time of each event, not waiting for one before the next; resolves when all are done. */
export async function atEach(
  events: readonly Event[],
  act: (event: Event) => Promise<unknown>,
  wait: (milliseconds: number) => Promise<unknown> = delay,
): Promise<Outcome> {
  const results = await Promise.allSettled(
    events.map(async (event) => {
      const early = event.at - Date.now()
      if (early > 0) await wait(early)
      await act(event)
    }),
  )
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  return { done: results.length - failed.length, failed }
}
