import type { Broker } from '../broker.ts'
import { Failure } from '../engine/failure.ts'
import type { Entity } from '../engine/namespace.ts'
import { decodeTransfer } from './codec.ts'
import type { Coordinator } from './coordinator.ts'
import { accepted, Dispositions, rejected } from './dispositions.ts'
import { amqpError } from './errors.ts'
import type { Frame, Link, TransferFields, Typed } from './rhea.ts'

const creditWindow = 1000

/** The message format of a batch of messages in one transfer (Service Bus). */
const batchFormat = 0x80013700

interface Assembled {
  readonly fields: TransferFields
  readonly payload: Buffer | undefined
  readonly isAborted: boolean
}

/** Puts the parts of a multi-frame transfer together; a message over the limit is counted but not kept. */
export class TransferAssembler {
  readonly #limit: number
  #parts: Buffer[] = []
  #size = 0
  #first: TransferFields | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Returns the complete message once its last frame is in; `payload` is undefined when it was over the limit. What the
   * client aborts is a delivery too.
   */
  add(frame: Frame<TransferFields>): Assembled | undefined {
    const fields = frame.performative
    this.#first ??= fields
    if (frame.payload !== undefined) {
      this.#size += frame.payload.length
      if (this.#size > this.#limit) this.#parts = []
      else this.#parts.push(frame.payload)
    }
    if (fields.more && !fields.aborted) return undefined
    const first = this.#first
    const tooLarge = this.#size > this.#limit
    const payload = tooLarge
      ? undefined
      : this.#parts.length === 1
        ? this.#parts[0]
        : Buffer.concat(this.#parts)
    this.#first = undefined
    this.#parts = []
    this.#size = 0
    return { fields: first, payload, isAborted: fields.aborted === true }
  }
}

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
  receive(fields: TransferFields, payload: Buffer | undefined): void {
    grantCredit(this.#link)
    const id = fields.delivery_id ?? 0
    const settle = (state: Typed) => {
      if (!fields.settled) this.#dispositions.settle(id, state)
    }
    try {
      if (payload === undefined) throw tooLarge(this.#maxMessageSize)
      const messages = decodeTransfer(payload, fields.message_format === batchFormat)
      const enlisted = this.#coordinator.enlisted(deliveryState(fields))
      if (enlisted === undefined) this.#entity.queue.send(messages, this.#broker.now())
      else enlisted.transaction.send(this.#entity.queue, messages)
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

function tooLarge(limit: number): Failure {
  return new Failure(
    'message-too-large',
    `The received message is larger than the ${limit} bytes that are allowed on this link.`,
  )
}
