/**
 * Keeps the figures up to date without anyone who places or moves an order having to know of them.
 *
 * The database stamps every change of an order. Whatever changed since the mark says which hours are out of date, and
 * those hours are counted anew, from their orders. Nothing is ever added to a figure: so nothing can be counted twice,
 * and whoever dies in the middle has only left the mark where it was.
 */
import { changesSince, ordersBetween } from '../orders/findOrders.ts'
import { countHour, hourAfter, hourOf } from './aggregate.ts'
import { readMark, recountHour, writeMark } from './aggregateStore.ts'

/**
 * How far before the mark to look again, in seconds: for clocks that differ, and for replicas that show a change late.
 */
const overlap = 60

/** Changes looked at in one step; after each the mark moves, so that even a count of all history gets on. */
const stepSize = 5_000

/** Orders that looking at the figures may read in a second, in the mean; each costs at most one request unit. */
const readsPerSecond = 20

/** Seconds for which figures are fresh, at least and at most. */
const fresh = { least: 15, most: 300 }

/**
 * Brings the figures up to date: they then hold every change made before the call.
 * @param since counts every hour of an order that changed in that second or later; from the mark on unless given.
 * @returns how many hours were counted.
 */
export async function countOrders(since?: number, now = new Date()): Promise<number> {
  let from = since ?? Math.max(0, (await readMark()).seconds - overlap)
  let size = stepSize
  let counted = 0
  let read = 0
  for (;;) {
    const changes = await changesSince(from, size)
    const hours = new Set(changes.map(({ createdAt }) => hourOf(createdAt)))
    for (const hour of hours) {
      const { byState } = await recountHour(hour, () => countHour(hour, ordersBetween(hour, hourAfter(hour))))
      read += Object.values(byState).reduce((sum, count) => sum + count, 0)
    }
    counted += hours.size
    const last = changes.at(-1)?.changedAt
    if (last === undefined || changes.length < size) break
    // A second with more changes than a step holds is only passed with a longer one.
    if (last === from) size *= 2
    from = last
    await writeMark({ seconds: from, read })
  }
  await writeMark({ seconds: Math.floor(now.getTime() / 1000), read })
  return counted
}

/** Brings the figures up to date unless they are fresh: the dearer the last count was, the longer they are. */
export async function countOrdersUnlessFresh(now = new Date()): Promise<void> {
  const { seconds, read } = await readMark()
  const freshFor = Math.min(Math.max(read / readsPerSecond, fresh.least), fresh.most)
  if (seconds < now.getTime() / 1000 - freshFor) await countOrders(undefined, now)
}
