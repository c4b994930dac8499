import type { Broker } from '../broker.ts'
import { Failure, messageTooLarge } from '../engine/failure.ts'
import type { Entity } from '../engine/namespace.ts'
import type { Assembled } from './assembler.ts'
import type { Coordinator } from './coordinator.ts'
import { accepted, Dispositions, rejected } from './dispositions.ts'
import { amqpError } from './errors.ts'
import { decodeTransfer } from './incoming.ts'
import type { Link, TransferFields, Typed } from './rhea.ts'

const creditWindow = 1000

/** The message format of a batch of messages in one transfer (Service Bus). */
const batchFormat = 0x80013700

/** The broker's end of a link on which a client sends messages to a queue or topic. */
export class Producer {
  readonly #link: Link
  readonly #entity: Entity
  readonly #broker: Broker
  readonly #dispositions: Dispositions
  readonly #coordinator: Coordinator
  readonly #maxMessageSize: number

  constructor(
    link: Link,
    entity: Entity,
    { broker, coordinator }: { readonly broker: Broker; readonly coordinator: Coordinator },
    maxMessageSize: number,
  ) {
    this.#coordinator = coordinator
    this.#link = link
    this.#entity = entity
    this.#broker = broker
    this.#maxMessageSize = maxMessageSize
    this.#dispositions = new Dispositions(link.session, true)
    grantCredit(link)
  }

  /** Enqueues what came in and acknowledges it once it is safe. */
  receive({ fields, payload, lackedRoom }: Assembled): void {
    grantCredit(this.#link)
    const id = fields.delivery_id ?? 0
    const settle = (state: Typed) => {
      if (!fields.settled) this.#dispositions.settle(id, state)
    }
    try {
      if (payload === undefined) throw notKept(lackedRoom, this.#maxMessageSize)
      const decode = () => decodeTransfer(payload, fields.message_format === batchFormat)
      const messages = this.#broker.isDoubling ? [...decode(), ...decode()] : decode()
      const enlisted = this.#coordinator.enlisted(deliveryState(fields))
      if (enlisted === undefined) this.#entity.queue.send(messages, this.#broker.now())
      else enlisted.transaction.send(this.#entity, messages)
      const outcome = enlisted?.answer(accepted) ?? accepted
      this.#broker.afterCommit(() => settle(outcome))
    } catch (error) {
      settle(rejected(amqpError(error)))
    }
  }
}

/** The state that a transfer comes with: the transaction that it belongs to. */
export function deliveryState({ value }: TransferFields): Typed | undefined {
  return value[7]
}

/** Keeps a sending peer in credit. */
export function grantCredit(link: Link): void {
  if (link.credit < creditWindow / 2) link.flow(creditWindow - link.credit)
}

/** Why there is no payload of a message that came whole. */
export function notKept(lackedRoom: boolean, limit: number): Failure {
  return lackedRoom
    ? new Failure('quota-exceeded', 'The connection has too many bytes of unfinished messages.')
    : messageTooLarge(limit)
}
