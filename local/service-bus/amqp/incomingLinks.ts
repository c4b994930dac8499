import { type Assembled, AssemblyRoom, TransferAssembler } from './assembler.ts'
import { grantCredit } from './producer.ts'
import type { Connection, Frame, Link, TransferFields } from './rhea.ts'

/** Bytes of unfinished messages, over all links of a connection; more where one message may be large. */
const minRoom = 64 * 1024 * 1024

interface Incoming {
  readonly assembler: TransferAssembler
  receive(message: Assembled): void
}

/** The links of one connection on which the client sends: messages to an entity, or requests. */
export class IncomingLinks {
  readonly #connection: Connection
  readonly #room: AssemblyRoom
  readonly #links = new Map<Link, Incoming>()

  /** @param maxMessageSize Bytes. */
  constructor(connection: Connection, maxMessageSize: number) {
    this.#connection = connection
    this.#room = new AssemblyRoom(Math.max(minRoom, 4 * maxMessageSize))
    connection.on_transfer = (frame) => this.#onTransfer(frame)
  }

  get size(): number {
    return this.#links.size
  }

  links(): Link[] {
    return [...this.#links.keys()]
  }

  /** Takes in, from now on, what comes whole on a link; larger messages come without their payload. */
  add(link: Link, maxMessageSize: number, receive: (message: Assembled) => void): void {
    this.#links.set(link, { assembler: new TransferAssembler(maxMessageSize, this.#room), receive })
  }

  forget(link: Link): void {
    this.#links.get(link)?.assembler.discard()
    this.#links.delete(link)
  }

  #onTransfer(frame: Frame<TransferFields>): void {
    const session = this.#connection.remote_channel_map[frame.channel]
    if (session === undefined) throw new Error('a transfer outside a session')
    const link = session._get_link(frame)
    const { incoming: window } = session
    // rhea opens the window when it next looks at its sessions, which costs more than a transfer does.
    if (window.max_transfer_id - ++window.next_transfer_id < window.window / 2) this.#connection._register()
    const incoming = this.#links.get(link)
    if (incoming === undefined) return
    const complete = incoming.assembler.add(frame)
    if (complete === undefined) return
    if (link.credit <= 0) {
      link.close({
        condition: 'amqp:link:transfer-limit-exceeded',
        description: 'A message came without credit for it.',
      })
      return
    }
    link.credit--
    link.delivery_count++
    if (complete.isAborted) grantCredit(link)
    else incoming.receive(complete)
  }
}
