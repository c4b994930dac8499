/** Customers of the console's own: they place orders as the store does, each with a key, and try until they are answered. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'

/** Milliseconds after which a customer goes away, and from one try to the next. */
const patience = 5 * 60_000
const pause = 500

/** How many order at once. */
const atOnce = 5

export class Customers {
  readonly #api: string
  #waiting = 0
  #tries = 0
  #gaveUp = 0
  /** The orders' ids that were answered, by key. */
  readonly answered = new Map<string, Set<string>>()

  /** `api`: address of the Functions host, without a slash at the end. */
  constructor(api: string) {
    this.#api = api
  }

  /** `waiting` for an answer, and how often one had to `try` again. */
  get state() {
    return { waiting: this.#waiting, tries: this.#tries, gaveUp: this.#gaveUp }
  }

  /** Begins; what comes of it is told by `state`. */
  place(count: number): void {
    this.#waiting += count
    let left = count
    const customer = async () => {
      while (left-- > 0) await this.#order().finally(() => this.#waiting--)
    }
    for (let n = 0; n < Math.min(atOnce, count); n++) void customer()
  }

  forget(): void {
    this.answered.clear()
    this.#tries = this.#gaveUp = 0
  }

  async #order(): Promise<void> {
    const key = randomUUID()
    const body = JSON.stringify({
      customerId: 'console',
      items: [{ productId: 1 + Math.floor(Math.random() * 9), quantity: 1 }],
    })
    const deadline = Date.now() + patience
    while (Date.now() < deadline) {
      const id = await this.#try(key, body)
      if (id) {
        this.answered.set(key, (this.answered.get(key) ?? new Set()).add(id))
        return
      }
      this.#tries++
      await wait(pause)
    }
    this.#gaveUp++
  }

  /** The order's id; undefined when it is not known whether there is one. */
  async #try(key: string, body: string): Promise<string | undefined> {
    try {
      const answer = await fetch(`${this.#api}/api/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body,
        signal: AbortSignal.timeout(30_000),
      })
      return answer.ok ? ((await answer.json()) as { orderId?: string }).orderId : undefined
    } catch {
      return undefined
    }
  }
}
