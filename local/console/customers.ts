/** Customers of the console's own: each places one order as the store does, with a key, and tries until it is answered. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { HttpError } from './http/errors.ts'

/** Milliseconds after which a customer goes away, and from one try to the next. */
const patience = 5 * 60_000
const pause = 500

/** How many order at once, how many may wait for an answer, and how many are remembered until they are forgotten. */
const most = { atOnce: 5, waiting: 1_000, remembered: 10_000 }

/** The customers since counting began. Whoever came before that is not of it, however late the answer. */
interface Round {
  /** Their names: who has two orders has been misunderstood. */
  names: Set<string>
  /** The orders' ids that they were answered. */
  answered: Set<string>
  tries: number
  gaveUp: number
  /** What the API said to whom it refused an order. */
  refusal: string | null
}

const newRound = (): Round => ({
  names: new Set(),
  answered: new Set(),
  tries: 0,
  gaveUp: 0,
  refusal: null,
})

type Answer = { orderId: string } | { refusal: string } | undefined

export class Customers {
  readonly #api: string
  #round = newRound()
  #waiting = 0

  /** `api`: address of the Functions host, without a slash at the end. */
  constructor(api: string) {
    this.#api = api
  }

  /** `waiting` for an answer, and how often one had to try again. */
  get state() {
    const { tries, gaveUp, refusal } = this.#round
    return { waiting: this.#waiting, tries, gaveUp, refusal }
  }

  get names(): ReadonlySet<string> {
    return this.#round.names
  }

  get answered(): ReadonlySet<string> {
    return this.#round.answered
  }

  /** Begins; what comes of it is told by `state`. @throws {HttpError} 409 when there are too many. */
  place(count: number): void {
    const round = this.#round
    if (this.#waiting + count > most.waiting)
      throw new HttpError(409, `At most ${most.waiting} customers wait at once; let some be answered first.`)
    if (round.names.size + count > most.remembered)
      throw new HttpError(409, `At most ${most.remembered} orders are counted: count from now first.`)
    this.#waiting += count
    let left = count
    const customer = async () => {
      while (left-- > 0) await order(this.#api, round).finally(() => this.#waiting--)
    }
    for (let n = 0; n < Math.min(most.atOnce, count); n++) void customer()
  }

  forget(): void {
    this.#round = newRound()
  }
}

async function order(api: string, round: Round): Promise<void> {
  const name = `console-${randomUUID()}`
  round.names.add(name)
  const key = randomUUID()
  const body = JSON.stringify({
    customerId: name,
    items: [{ productId: 1 + Math.floor(Math.random() * 9), quantity: 1 }],
  })
  const deadline = Date.now() + patience
  while (Date.now() < deadline) {
    const answer = await ask(api, key, body)
    if (answer && 'orderId' in answer) return void round.answered.add(answer.orderId)
    if (answer) {
      round.refusal = answer.refusal
      break
    }
    round.tries++
    await wait(pause)
  }
  round.gaveUp++
}

/** Undefined when it is not known whether there is an order now, or when the API asks to come again. */
async function ask(api: string, key: string, body: string): Promise<Answer> {
  try {
    const answer = await fetch(`${api}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body,
      signal: AbortSignal.timeout(30_000),
    })
    const told = (await answer.json()) as { orderId?: string; detail?: string }
    if (answer.ok && told.orderId) return { orderId: told.orderId }
    const isFinal = answer.status >= 400 && answer.status < 500 && ![404, 408, 429].includes(answer.status)
    return isFinal ? { refusal: told.detail ?? `The API answered ${answer.status}.` } : undefined
  } catch {
    return undefined
  }
}
