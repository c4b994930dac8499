/**
 * The faults to try. Each is undone by one press, all of them when the last page that watches is left; none outlives the
 * console.
 */
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

/**
 * How long after a page was last heard of it counts as left, in milliseconds: one that is seen speaks each second, a
 * hidden one is let speak once a minute.
 */
const patience = { seen: 20_000, hidden: 3 * 60_000 }
/** Pages that are remembered. */
const mostPages = 100

export class Faults {
  readonly #supervisor: Pick<Supervisor, 'disturb'>
  readonly #on = new Set<FaultName>()
  /** What ends the wait for each page that watches, by the name that it gave itself. */
  readonly #pages = new Map<string, NodeJS.Timeout>()

  constructor(supervisor: Pick<Supervisor, 'disturb'>) {
    this.#supervisor = supervisor
  }

  get on(): FaultName[] {
    return faultNames.filter((name) => this.#on.has(name))
  }

  /** Faults of one part add up. One that could not be made, or undone, is as it was. */
  async set(name: FaultName, isOn: boolean): Promise<void> {
    if (this.#on.has(name) === isOn) return
    this.#mark(name, isOn)
    const { part } = faults[name]
    const hows = this.on.filter((other) => faults[other].part === part).map((other) => faults[other].how)
    try {
      await this.#supervisor.disturb(part, Object.assign({}, ...hows))
    } catch (error) {
      this.#mark(name, !isOn)
      throw error
    }
  }

  async clear(): Promise<void> {
    await Promise.all(this.on.map((name) => this.set(name, false)))
  }

  /** A page is still there, and is seen or not. */
  heard(page: string, isSeen: boolean): void {
    clearTimeout(this.#pages.get(page))
    if (!this.#pages.has(page) && this.#pages.size >= mostPages) return
    const leave = () => void this.left(page).catch(() => {})
    this.#pages.set(page, setTimeout(leave, isSeen ? patience.seen : patience.hidden).unref())
  }

  /** A page is gone; with the last one its faults go. */
  async left(page: string): Promise<void> {
    clearTimeout(this.#pages.get(page))
    this.#pages.delete(page)
    if (!this.#pages.size) await this.clear()
  }

  #mark(name: FaultName, isOn: boolean): void {
    if (isOn) this.#on.add(name)
    else this.#on.delete(name)
  }
}
