/** Places many orders through the store's API, as the simulated customer does, and follows each until it is made. */
import { setTimeout as delay } from 'node:timers/promises'
import { ApiError, createClient } from '@store/contract/client'
import { basketOf } from '../../functions/simulation/virtualCustomer.ts'

export interface LoadOptions {
  /** Origin of the API, e.g. `http://localhost:7071`. */
  url: string
  orders: number
  /** Customers at the same time. */
  concurrency: number
  /** How long, in milliseconds, no order at all may come to be made before those that are left count as lost. */
  patience?: number
  /** Ends placing; what was accepted by then is still followed. */
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

export interface Progress {
  /** Orders whose placing is over, one way or the other. */
  placed: number
  accepted: number
  made: number
}

export interface LoadReport extends Progress {
  /** Orders that were not accepted, by what the API or the connection said, and how many of each. */
  refused: Map<string, number>
  /** Placings that were sent again, with the same key, after a failure that may pass. */
  retries: number
  /** Ids of accepted orders that do not exist or were not made. */
  lost: string[]
  /** Ids of orders that two placings were answered with, or that went into the line twice. */
  doubled: string[]
  /** Seconds from the first placing to each acceptance; ascending. */
  times: number[]
  /** From the first placing to the last acceptance, and to the last order made; in seconds. */
  seconds: { accepting: number; making: number }
  /** Milliseconds from sending an order to its acceptance, and from its acceptance to its being in the line; ascending. */
  latency: { accepted: number[]; made: number[] }
}

const tries = 8

/**
 * Runs a load test.
 * @throws {Error} when the catalogue cannot be read or is empty: then nothing was placed.
 */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { url, orders, concurrency, patience = 60_000, signal, onProgress } = options
  const client = createClient({ baseUrl: url })
  const productIds = (await client.products.list()).map(({ id }) => id)
  if (!productIds.length) throw new Error('The catalogue is empty.')

  // Keys and baskets differ from run to run, so that a second run places orders of its own.
  const run = Date.now()
  const report: LoadReport = {
    ...{ placed: 0, accepted: 0, made: 0, retries: 0 },
    refused: new Map(),
    lost: [],
    doubled: [],
    times: [],
    seconds: { accepting: 0, making: 0 },
    latency: { accepted: [], made: [] },
  }
  const begin = performance.now()
  const elapsed = () => (performance.now() - begin) / 1000
  const unmade: string[] = []
  const known = new Set<string>()
  let placing = true

  async function place(number: number) {
    const basket = basketOf(run + number, productIds)
    for (let attempt = 1; ; attempt++) {
      const sent = performance.now()
      try {
        const { orderId } = await client.orders.place(basket, `load-${run}-${number}`)
        report.latency.accepted.push(performance.now() - sent)
        report.accepted++
        report.seconds.accepting = elapsed()
        report.times.push(report.seconds.accepting)
        if (known.has(orderId)) report.doubled.push(orderId)
        known.add(orderId)
        unmade.push(orderId)
        return
      } catch (error) {
        if (!mayPass(error) || attempt === tries) return refuse(error)
        report.retries++
        await delay(Math.min(100 * 2 ** attempt, 5_000) * (0.5 + Math.random()))
      }
    }
  }

  function refuse(error: unknown) {
    const reason = error instanceof ApiError ? `${error.status} ${error.message}` : String(error)
    report.refused.set(reason, (report.refused.get(reason) ?? 0) + 1)
  }

  let next = 0
  async function customer() {
    while (next < orders && !signal?.aborted) {
      await place(next++)
      report.placed++
      onProgress?.(report)
    }
  }

  let lastMade = performance.now()
  /**
   * Looks after the orders in the order of their acceptance, which is about that of their making: asking for the first
   * until it is made costs the store far less than asking for all. One that is overtaken for long goes to the end.
   */
  async function follow() {
    while (placing || unmade.length) {
      if (placing) lastMade = performance.now()
      if (performance.now() - lastMade > patience) return
      const orderId = unmade.shift()
      if (orderId === undefined) {
        await delay(100)
        continue
      }
      let seconds = await secondsToLine(orderId)
      for (let asked = 0; seconds === undefined && asked < 10; asked++) {
        await delay(Math.min(200, patience / 20))
        seconds = await secondsToLine(orderId)
      }
      if (seconds === undefined) {
        unmade.push(orderId)
      } else if (seconds === null) {
        report.lost.push(orderId)
      } else {
        lastMade = performance.now()
        report.made++
        report.latency.made.push(seconds * 1000)
        report.seconds.making = elapsed()
        onProgress?.(report)
      }
    }
  }

  /** Seconds from its acceptance to the line; undefined while it is not there, null when there is no such order. */
  async function secondsToLine(orderId: string): Promise<number | undefined | null> {
    try {
      const order = (await client.orders.track(orderId))?.value
      const [reached, again] = order?.history.filter(({ state }) => state === 'pending') ?? []
      if (again) report.doubled.push(orderId)
      return order && reached ? (Date.parse(reached.at) - Date.parse(order.createdAt)) / 1000 : undefined
    } catch (error) {
      return mayPass(error) ? undefined : null
    }
  }

  const followers = Promise.all(Array.from({ length: Math.min(8, concurrency) }, follow))
  await Promise.all(Array.from({ length: concurrency }, customer))
  placing = false
  await followers
  report.lost.push(...unmade)
  report.latency.accepted.sort((a, b) => a - b)
  report.latency.made.sort((a, b) => a - b)
  return report
}

/** Whether trying again makes sense: the API says so, or could not be reached. */
const mayPass = (error: unknown) =>
  error instanceof ApiError ? error.status === 429 || error.status >= 500 : error instanceof TypeError

/** The value that a part of all values, from 0 to 1, do not exceed. */
export const percentile = (ascending: readonly number[], part: number): number =>
  ascending[Math.max(0, Math.ceil(part * ascending.length) - 1)] ?? Number.NaN

/** Orders a second among the first of them, and among the last; undefined with too few to tell. */
export function ratesOf(times: readonly number[], size: number): { first: number; last: number } | undefined {
  if (times.length < 2 * size) return undefined
  const rate = (from: number) => size / ((times[from + size - 1] ?? 0) - (from ? (times[from - 1] ?? 0) : 0))
  return { first: rate(0), last: rate(times.length - size) }
}
