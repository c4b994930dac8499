import rhea, { type AmqpError, frames, type Session, type Typed } from './rhea.ts'

export const accepted: Typed = rhea.message.accepted().described()

export function rejected(error?: AmqpError): Typed {
  return rhea.message.rejected(error ? { error } : {}).described()
}

/**
 * Settles deliveries of one session towards the peer. Neighbours that were accepted share a frame; anything else has a
 * frame of its own. (rhea's own writer merges neighbours with different outcomes.)
 */
export class Dispositions {
  readonly #session: Session
  /** The broker's role: true settles what it received, false what it sent. */
  readonly #role: boolean
  #pending: { id: number; state: Typed }[] = []

  constructor(session: Session, role: boolean) {
    this.#session = session
    this.#role = role
  }

  settle(id: number, state: Typed): void {
    this.#pending.push({ id, state })
    if (this.#pending.length === 1) process.nextTick(() => this.#flush())
  }

  #flush(): void {
    const pending = this.#pending
    this.#pending = []
    if (!this.#session.is_open()) return
    for (let i = 0; i < pending.length; ) {
      const { id, state } = pending[i] as { id: number; state: Typed }
      let last = id
      for (i++; state === accepted && pending[i]?.state === accepted && pending[i]?.id === last + 1; i++)
        last++
      if (state === accepted) this.#session.connection.socket.write(this.#acceptance(id, last))
      else
        this.#session.output(frames.disposition({ role: this.#role, first: id, last, settled: true, state }))
    }
  }

  /** The frame that every message has one of. */
  #acceptance(first: number, last: number): Buffer {
    const frame = Buffer.from(acceptance)
    frame.writeUInt16BE(this.#session.local.channel, 6)
    frame[14] = this.#role ? 0x41 : 0x42
    frame.writeUInt32BE(first >>> 0, 16)
    frame.writeUInt32BE(last >>> 0, 21)
    return frame
  }
}

/** A disposition (AMQP 1.0, 2.7.6) with role, first and last to be filled in: settled, accepted. */
const acceptance = Buffer.from(
  '0000001e02000000' + '005315c01105' + '41' + '7000000000' + '7000000000' + '41' + '00532445',
  'hex',
)
