/** Faults that can be tried on the running server, as a bad network or a busy account has them. */
import type { IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Throughput } from '../charges/throughput.ts'

export interface Disturbance {
  /** Connections are cut before a request is looked at. */
  readonly cut?: boolean
  /** Milliseconds for which each request is held up. */
  readonly delay?: number
  /** Request units a second that all containers share; what goes beyond them is told to wait. */
  readonly throughput?: number
}

/** The end of the name by which a client says that it only watches: it is spared, and sees what the others do not. */
const watcher = /local-console\b/

/** What is wrong at the moment. */
export class Disturbances {
  #now: Disturbance = {}
  #throughput: Throughput | undefined

  /** Whether anything is: mostly not, and then a request need not wait to hear it. */
  get areThere(): boolean {
    return Object.keys(this.#now).length > 0
  }

  /** From now on this is wrong, and nothing else. */
  set(disturbance: Disturbance): void {
    this.#now = disturbance
    const { throughput } = disturbance
    this.#throughput = throughput === undefined ? undefined : new Throughput(throughput, Date.now())
  }

  /** Meets a request; false: its connection was cut. @throws {CosmosError} 429 */
  async meet(incoming: IncomingMessage): Promise<boolean> {
    if (watcher.test(incoming.headers['user-agent'] ?? '')) return true
    if (this.#now.cut) {
      incoming.socket.destroy()
      return false
    }
    if (this.#now.delay) await wait(this.#now.delay)
    this.#throughput?.check(Date.now())
    return true
  }

  /** Counts what a request was charged. */
  spend(charge: number): void {
    this.#throughput?.spend(charge)
  }
}
