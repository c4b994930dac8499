import { messageLockLost } from './failure.ts'
import type { NewMessage } from './message.ts'
import type { Queue } from './queue.ts'

/**
 * What a client does all at once or not at all, in one or several entities: it is checked when it is asked for and again
 * at the end, and nobody sees anything of it before.
 */
export class Transaction {
  readonly #sent = new Map<Queue, NewMessage[]>()
  readonly #settled = new Map<string, Queue>()
  readonly #steps: ((now: number) => void)[] = []

  /** Sends messages when the transaction is committed; returns the sequence numbers that they will have. */
  send(queue: Queue, messages: readonly NewMessage[]): number[] {
    const all = [...(this.#sent.get(queue) ?? []), ...messages]
    queue.checkSend(all)
    this.#sent.set(queue, all)
    const numbers = queue.reserve(messages.length)
    this.#steps.push((now) => queue.send(messages, now, numbers))
    return numbers
  }

  /** Settles a locked message when the transaction is committed. */
  settle(queue: Queue, token: string, now: number, step: (now: number) => void): void {
    queue.checkLock(token, now)
    if (this.#settled.has(token)) throw messageLockLost()
    this.#settled.set(token, queue)
    this.#steps.push(step)
  }

  /** Does everything, or throws the `Failure` for which nothing was done. */
  commit(now: number): void {
    for (const [token, queue] of this.#settled) queue.checkLock(token, now)
    for (const [queue, messages] of this.#sent) queue.checkSend(messages)
    for (const step of this.#steps) step(now)
  }
}
