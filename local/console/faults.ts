/** The faults to try. Each is undone by one press, all of them when the page is left; none outlives the console. */
import type { Supervisor } from './supervisor.ts'

/** What is done to which part, in that part's own words: their `Disturbance`s, and the host's `pause`. */
const faults = {
  'stop-makeline': { part: 'host', how: { paused: ['makeOrders'] } },
  'cut-database': { part: 'cosmos', how: { cut: true } },
  'throttle-database': { part: 'cosmos', how: { throughput: 50 } },
  'slow-database': { part: 'cosmos', how: { delay: 1_000 } },
  'double-messages': { part: 'service-bus', how: { doubled: true } },
} as const
export type FaultName = keyof typeof faults

export const faultNames = Object.keys(faults) as FaultName[]
export const isFault = (name: string): name is FaultName => Object.hasOwn(faults, name)

/** How long after the page was last heard of its faults are undone: a browser lets hidden pages speak once a minute. */
const patience = 3 * 60_000

export class Faults {
  readonly #supervisor: Pick<Supervisor, 'disturb'>
  readonly #on = new Set<FaultName>()
  #timer: NodeJS.Timeout | undefined

  constructor(supervisor: Pick<Supervisor, 'disturb'>) {
    this.#supervisor = supervisor
  }

  get on(): FaultName[] {
    return faultNames.filter((name) => this.#on.has(name))
  }

  /** Faults of one part add up. */
  async set(name: FaultName, isOn: boolean): Promise<void> {
    if (isOn) this.#on.add(name)
    else this.#on.delete(name)
    const { part } = faults[name]
    const hows = this.on.filter((other) => faults[other].part === part).map((other) => faults[other].how)
    await this.#supervisor.disturb(part, Object.assign({}, ...hows))
  }

  async clear(): Promise<void> {
    for (const name of this.on) await this.set(name, false)
  }

  /** The page is still there. */
  heard(): void {
    clearTimeout(this.#timer)
    if (this.#on.size) this.#timer = setTimeout(() => void this.clear().catch(() => {}), patience).unref()
  }
}
