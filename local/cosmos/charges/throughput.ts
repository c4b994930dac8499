import { CosmosError } from '../errors.ts'

/**
 * A container's provisioned throughput: so many request units a second may be spent. The request that goes beyond them is
 * still done, as in Azure; the next ones are told to come again once the debt is paid.
 */
export class Throughput {
  readonly #perSecond: number
  #left: number
  #at: number

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
    this.#at = now
  }

  /** @throws 429, with the time after which a request is taken. */
  check(now: number): void {
    this.#refill(now)
    if (this.#left > 0) return
    const wait = Math.max(1, Math.ceil(((1 - this.#left) / this.#perSecond) * 1000))
    throw new CosmosError(
      429,
      'Request rate is large. More Request Units may be needed, so no changes were made.',
      {
        substatus: 3200,
        charge: 0,
        headers: { 'x-ms-retry-after-ms': String(wait) },
      },
    )
  }

  spend(charge: number): void {
    this.#left -= charge
  }

  #refill(now: number): void {
    // A clock that is set back takes nothing away.
    const seconds = Math.max(0, now - this.#at) / 1000
    this.#left = Math.min(this.#perSecond, this.#left + seconds * this.#perSecond)
    this.#at = now
  }
}
