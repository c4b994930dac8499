import type { Broker } from '../broker.ts'
import { messageLockLost } from '../engine/failure.ts'
import type { Message, PropertyValue, ReceiveMode } from '../engine/message.ts'
import type { QueueEntity } from '../engine/namespace.ts'
import type { SessionClaim } from '../engine/sessions.ts'
import { encodeDelivery, tagOf } from './codec.ts'
import { accepted, Dispositions, rejected } from './dispositions.ts'
import { amqpError } from './errors.ts'
import rhea, { type DispositionFields, type Link, type Session, type Typed } from './rhea.ts'
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

  constructor(link: Link, entity: QueueEntity, broker: Broker, mode: ReceiveMode, session?: HeldSession) {
    this.link = link
    this.entity = entity
    this.session = session
    this.#broker = broker
    this.#mode = mode
    this.#unsettled = unsettledDeliveries(link.session, broker)
  }

  /** Sends the next message if there is one and the client has asked for one. */
  deliver(): boolean {
    if (!canTransfer(this.link) || this.link.credit <= this.#awaitingCommit) return false
    const message = this.entity.queue.receive(this.#mode, this.#broker.now(), this.session)
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
  settle(token: string, state: Typed): Typed {
    const { queue } = this.entity
    const now = this.#broker.now()
    try {
      switch (state.descriptor?.value) {
        case 0x24:
        case 'amqp:accepted:list':
          queue.complete(token, now)
          return accepted
        case 0x25:
        case 'amqp:rejected:list': {
          const { reason, description, changes } = deadLetterInfo(state)
          queue.deadLetter(token, now, { reason, description }, changes)
          return rejected()
        }
        case 0x26:
        case 'amqp:released:list':
          queue.abandon(token, now)
          return state
        case 0x27:
        case 'amqp:modified:list': {
          const modified = rhea.message.unwrap_outcome(state)
          const changes = propertiesOf(modified.message_annotations)
          if (modified.undeliverable_here) queue.defer(token, now, changes)
          else queue.abandon(token, now, changes)
          return state
        }
        default:
          return rejected({ condition: 'amqp:not-implemented', description: 'The outcome is not supported.' })
      }
    } catch (error) {
      return rejected(amqpError(error))
    }
  }
}

function deadLetterInfo(state: Typed) {
  const { error } = rhea.message.unwrap_outcome(state) as { error?: { info?: Record<string, unknown> } }
  const { DeadLetterReason, DeadLetterErrorDescription, ...others } = error?.info ?? {}
  return {
    reason: textOf(DeadLetterReason),
    description: textOf(DeadLetterErrorDescription),
    changes: propertiesOf(others),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The application properties that a settlement sets; values of other types than properties can have are left out. */
export function propertiesOf(map: unknown): Record<string, PropertyValue> {
  const result: Record<string, PropertyValue> = {}
  for (const [name, value] of Object.entries((map as Record<string, unknown> | null | undefined) ?? {})) {
    const isSimple = value === null || ['string', 'number', 'boolean'].includes(typeof value)
    if (isSimple || value instanceof Date || value instanceof Uint8Array)
      result[name] = value as PropertyValue
  }
  return result
}

/** The deliveries of one AMQP session that the client has not settled yet. */
class UnsettledDeliveries {
  readonly #deliveries = new Map<number, Delivery>()
  readonly #dispositions: Dispositions
  readonly #broker: Broker

  constructor(session: Session, broker: Broker) {
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
      const outcome = delivery === undefined ? lockLost : delivery.consumer.settle(delivery.token, state)
      if (!fields.settled) this.#broker.afterCommit(() => this.#dispositions.settle(id, outcome))
    }
  }
}

const lockLost = rejected(amqpError(messageLockLost()))

const bySession = new WeakMap<Session, UnsettledDeliveries>()

function unsettledDeliveries(session: Session, broker: Broker): UnsettledDeliveries {
  let unsettled = bySession.get(session)
  if (unsettled === undefined) {
    unsettled = new UnsettledDeliveries(session, broker)
    bySession.set(session, unsettled)
  }
  return unsettled
}
