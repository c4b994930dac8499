import { checkSends, type Entity } from './entities.ts'
import { messageLockLost } from './failure.ts'
import type { NewMessage } from './message.ts'

/** What settles a locked message. */
export interface Settling {
  /** Refuses what `apply` would refuse. */
  check(now: number): void
  apply(now: number): void
}

/**
 * What a client does all at once or not at all, in one or several entities: it is checked when it is asked for and again
 * at the end, and nobody sees anything of it before.
 */
export class Transaction {
  readonly #sent = new Map<Entity, NewMessage[]>()
  readonly #settled = new Map<string, Settling>()
  readonly #steps: ((now: number) => void)[] = []

  /** Sends messages when the transaction is committed; returns the sequence numbers that they will have. */
  send(entity: Entity, messages: readonly NewMessage[]): number[] {
    const { queue } = entity
    const all = [...(this.#sent.get(entity) ?? []), ...messages]
    queue.checkSend(all)
    this.#sent.set(entity, all)
    const numbers = queue.reserve(messages.length)
    this.#steps.push((now) => queue.send(messages, now, numbers))
    return numbers
  }

  /** Settles a locked message when the transaction is committed. */
  settle(token: string, now: number, settling: Settling): void {
    settling.check(now)
    if (this.#settled.has(token)) throw messageLockLost()
    this.#settled.set(token, settling)
    this.#steps.push((at) => settling.apply(at))
  }

  /** Does everything, or throws the `Failure` for which nothing was done. */
  commit(now: number): void {
    for (const settling of this.#settled.values()) settling.check(now)
    for (const [entity, messages] of this.#sent) {
      checkSends(entity)
      entity.queue.checkSend(messages)
    }
    for (const step of this.#steps) step(now)
  }
}
