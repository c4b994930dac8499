import type { Broker } from '../broker.ts'
import { Failure, messageLockLost, sessionLockLost } from '../engine/failure.ts'
import type { Message, ReceiveMode } from '../engine/message.ts'
import type { QueueEntity } from '../engine/namespace.ts'
import type { SessionClaim } from '../engine/sessions.ts'
import type { Coordinator } from './coordinator.ts'
import { Dispositions, rejected } from './dispositions.ts'
import { amqpError } from './errors.ts'
import { tagOf } from './lockTokens.ts'
import { encodeDelivery } from './outgoing.ts'
import type { DispositionFields, Link, Session, Typed } from './rhea.ts'
import { settlementOf } from './settlements.ts'
import { answerDrain, canTransfer, transfer } from './transfer.ts'

export interface HeldSession extends SessionClaim {
  readonly until: number
}

interface Delivery {
  readonly consumer: Consumer
  readonly token: string
}

const noTag = Buffer.alloc(4)

/** The broker's end of a link on which a client receives messages of a queue. */
export class Consumer {
  readonly link: Link
  readonly entity: QueueEntity
  readonly session: HeldSession | undefined
  readonly #broker: Broker
  readonly #mode: ReceiveMode
  readonly #unsettled: UnsettledDeliveries
  #awaitingCommit = 0

  constructor(
    link: Link,
    entity: QueueEntity,
    { broker, coordinator }: { readonly broker: Broker; readonly coordinator: Coordinator },
    mode: ReceiveMode,
    session?: HeldSession,
  ) {
    this.link = link
    this.entity = entity
    this.session = session
    this.#broker = broker
    this.#mode = mode
    this.#unsettled = unsettledDeliveries(link.session, broker, coordinator)
  }

  /** Sends the next message if there is one and the client has asked for one. */
  deliver(): boolean {
    if (!canTransfer(this.link) || this.link.credit <= this.#awaitingCommit) return false
    const message = this.#receive()
    if (message === undefined) return false
    if (this.#mode === 'receiveAndDelete') {
      // Deleted first, for good; then sent: this mode never delivers twice.
      this.#awaitingCommit++
      this.#broker.afterCommit(() => {
        this.#awaitingCommit--
        if (this.link.is_open()) this.#send(message, noTag, true)
        this.idle()
      })
      return true
    }
    const token = message.lock?.token as string
    const id = this.#send(message, tagOf(token), false)
    this.#unsettled.add(id, { consumer: this, token })
    return true
  }

  #receive(): Message | undefined {
    try {
      return this.entity.queue.receive(this.#mode, this.#broker.now(), this.session)
    } catch (error) {
      // The session is lost, and nothing comes any more.
      if (this.link.is_open()) this.link.close(amqpError(error))
      return undefined
    }
  }

  /**
   * The session is somebody else's now. Who waits for messages hears of it at once; who has only messages to settle hears of
   * it then: SDKs take a receiver whose link is closed for one that they have closed themselves.
   */
  loseSession(): void {
    if (this.link.credit > 0 && this.link.is_open()) {
      this.link.close(amqpError(sessionLockLost(this.session?.id ?? '')))
    }
  }

  #send(message: Message, tag: Buffer, settled: boolean): number {
    return transfer(this.link, tag, encodeDelivery(message), settled)
  }

  /** When nothing more is to be delivered: ends a drain that the client has asked for. */
  idle(): void {
    if (this.link._draining && this.#awaitingCommit === 0 && this.link.is_open()) answerDrain(this.link)
  }

  close(): void {
    this.#unsettled.forget(this)
    if (this.session) this.entity.queue.releaseSession(this.session, this.#broker.now())
  }

  /** Does to a message what the client's disposition says, and returns the outcome to settle with. */
  settle(token: string, state: Typed, coordinator: Coordinator): Typed {
    const { queue } = this.entity
    const now = this.#broker.now()
    try {
      const enlisted = coordinator.enlisted(state)
      const given = enlisted === undefined ? state : enlisted.outcome
      const settlement = given && settlementOf(given)
      if (settlement === undefined) {
        return rejected({ condition: 'amqp:not-implemented', description: 'The outcome is not supported.' })
      }
      const { check, apply, answer } = settlement
      if (enlisted === undefined) {
        apply(queue, token, now)
        return answer
      }
      enlisted.transaction.settle(token, now, {
        check: (at) => check(queue, token, at),
        apply: (at) => apply(queue, token, at),
      })
      return enlisted.answer(answer)
    } catch (error) {
      const isLost = error instanceof Failure && error.reason === 'message-lock-lost'
      return rejected(amqpError(isLost && this.session ? sessionLockLost(this.session.id) : error))
    }
  }
}

/** The deliveries of one AMQP session that the client has not settled yet. */
class UnsettledDeliveries {
  readonly #deliveries = new Map<number, Delivery>()
  readonly #dispositions: Dispositions
  readonly #broker: Broker
  readonly #coordinator: Coordinator

  constructor(session: Session, broker: Broker, coordinator: Coordinator) {
    this.#coordinator = coordinator
    this.#dispositions = new Dispositions(session, false)
    this.#broker = broker
    session.outgoing.on_disposition = (fields) => this.#onDisposition(fields)
  }

  add(id: number, delivery: Delivery): void {
    this.#deliveries.set(id, delivery)
  }

  forget(consumer: Consumer): void {
    for (const [id, delivery] of this.#deliveries)
      if (delivery.consumer === consumer) this.#deliveries.delete(id)
  }

  #onDisposition(fields: DispositionFields): void {
    const { first, state } = fields
    const last = fields.last ?? first
    const ids =
      first === last ? [first] : [...this.#deliveries.keys()].filter((id) => id >= first && id <= last)
    for (const id of ids) {
      const delivery = this.#deliveries.get(id)
      this.#deliveries.delete(id)
      if (!state) continue
      const outcome =
        delivery === undefined ? lockLost : delivery.consumer.settle(delivery.token, state, this.#coordinator)
      if (!fields.settled) this.#broker.afterCommit(() => this.#dispositions.settle(id, outcome))
    }
  }
}

const lockLost = rejected(amqpError(messageLockLost()))

const bySession = new WeakMap<Session, UnsettledDeliveries>()

function unsettledDeliveries(
  session: Session,
  broker: Broker,
  coordinator: Coordinator,
): UnsettledDeliveries {
  let unsettled = bySession.get(session)
  if (unsettled === undefined) {
    unsettled = new UnsettledDeliveries(session, broker, coordinator)
    bySession.set(session, unsettled)
  }
  return unsettled
}
