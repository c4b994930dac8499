/**
 * Keeps the figures up to date: the hours of the orders that changed since the mark are counted anew. Nothing is ever
 * added to a figure, so nothing is counted twice, and whoever dies in the middle has only left the mark where it was.
 */
import { changesSince, ordersBetween } from '../orders/findOrders.ts'
import { config } from '../platform/config.ts'
import { countHour, hourAfter, hourOf } from './aggregate.ts'
import { readMark, recountHour, writeMark } from './aggregateStore.ts'

/**
 * How far before the mark to look again, in seconds: for clocks that differ, and for replicas that show a change late.
 */
const overlap = 60

/** Changes looked at in one step; after each the mark moves, so that a count that breaks off is not lost. */
const stepSize = 5_000

/** Orders that looking at the figures may read in a second, in the mean; each costs at most one request unit. */
const readsPerSecond = 20

/** Seconds for which figures are fresh, at least and at most. */
const fresh = { least: 15, most: 300 }

/**
 * Brings the figures up to date: they then hold every change made before the call.
 * @returns how many hours were counted.
 */
export async function countOrders(now = new Date()): Promise<number> {
  const since = Math.max(0, (await readMark()).seconds - overlap)
  const { hours, read } = await countSince(since, (seconds, read) => writeMark({ seconds, read }))
  await writeMark({ seconds: Math.floor(now.getTime() / 1000), read })
  return hours
}

let look: Promise<unknown> | undefined

/**
 * Brings the figures up to date unless they are fresh: the dearer the last count was, the longer they are. Those who
 * look while a count is under way wait for that one.
 */
export async function countOrdersUnlessFresh(now = new Date()): Promise<void> {
  const { seconds, read } = await readMark()
  const freshFor = Math.min(Math.max(read / readsPerSecond, fresh.least), fresh.most)
  if (seconds >= now.getTime() / 1000 - freshFor) return
  look ??= countOrders(now).finally(() => {
    look = undefined
  })
  await look
}

/**
 * Counts all of history anew. The mark stays where it is: those who look meanwhile are shown what is stored.
 * @param onStep is told how many hours are counted so far.
 * @returns how many hours were counted.
 */
export async function recountAll(onStep: (hours: number) => void = () => {}): Promise<number> {
  const { hours } = await countSince(0, async (_seconds, _read, hours) => onStep(hours))
  return hours
}

/** Whether all orders of an hour are there still; one from which orders were removed keeps the figures that it has. */
function isWhole(hour: string): boolean {
  const days = config().orderRetentionDays
  return !days || Date.parse(hour) > Date.now() - days * 86_400_000
}

/**
 * Counts every hour of an order that changed in that second or later, step by step.
 * @param afterStep is told the second up to which changes are counted now, and what was read and counted so far.
 */
async function countSince(
  since: number,
  afterStep: (seconds: number, read: number, hours: number) => Promise<void>,
): Promise<{ hours: number; read: number }> {
  let from = since
  let size = stepSize
  let counted = 0
  let read = 0
  for (;;) {
    const changes = await changesSince(from, size)
    const hours = new Set(changes.map(({ createdAt }) => hourOf(createdAt)).filter(isWhole))
    for (const hour of hours) {
      const { quarters } = await recountHour(hour, () =>
        countHour(hour, ordersBetween(hour, hourAfter(hour))),
      )
      for (const { byState } of quarters)
        read += Object.values(byState).reduce((sum, count) => sum + count, 0)
    }
    counted += hours.size
    const last = changes.at(-1)?.changedAt
    if (last === undefined || changes.length < size) return { hours: counted, read }
    // A second with more changes than a step holds is only passed with a longer one.
    if (last === from) size *= 2
    from = last
    await afterStep(from, read, counted)
  }
}
