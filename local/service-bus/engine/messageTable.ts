import { MinHeap } from './heap.ts'
import type { Journal } from './journal.ts'
import type { Message } from './message.ts'

export interface QueueCounts {
  readonly active: number
  readonly deferred: number
  readonly scheduled: number
  readonly bytes: number
}

/** The messages of one queue by their sequence numbers, what is due when, and how many there are; reports to the journal. */
export class MessageTable {
  readonly #queue: string
  readonly #journal: Journal
  readonly #onDeadline: (at: number) => void
  readonly #messages = new Map<number, Message>()
  /** Moments → sequence numbers. Entries may be stale: what is really due, the message itself says. */
  readonly #agenda = new MinHeap()
  #lastSequenceNumber = 0
  #bytes = 0
  #deferred = 0
  #scheduled = 0
  /** Messages came with sequence numbers out of order, as they do in a dead-letter queue. */
  #outOfOrder = false

  constructor(queue: string, journal: Journal, onDeadline: (at: number) => void) {
    this.#queue = queue
    this.#journal = journal
    this.#onDeadline = onDeadline
  }

  get size(): number {
    return this.#messages.size
  }

  get bytes(): number {
    return this.#bytes
  }

  counts(): QueueCounts {
    return {
      active: this.#messages.size - this.#deferred - this.#scheduled,
      deferred: this.#deferred,
      scheduled: this.#scheduled,
      bytes: this.#bytes,
    }
  }

  nextSequenceNumber(): number {
    return ++this.#lastSequenceNumber
  }

  /** No new message gets this number or one below it. */
  skipTo(sequenceNumber: number): void {
    this.#lastSequenceNumber = Math.max(this.#lastSequenceNumber, sequenceNumber)
  }

  get(sequenceNumber: number): Message | undefined {
    return this.#messages.get(sequenceNumber)
  }

  values(): Iterable<Message> {
    return this.#messages.values()
  }

  add(message: Message): void {
    this.#journal.added(this.#queue, message)
    this.restore(message)
  }

  /** Adds a message that the journal knows already. */
  restore(message: Message): void {
    if (message.sequenceNumber < this.#lastSequenceNumber) this.#outOfOrder = true
    this.skipTo(message.sequenceNumber)
    this.#messages.set(message.sequenceNumber, message)
    this.#bytes += message.encoded.length
    if (message.state === 'deferred') this.#deferred++
    if (message.state === 'scheduled') {
      this.#scheduled++
      this.remind(message.scheduledFor ?? 0, message)
    }
    if (message.expiresAt !== Number.POSITIVE_INFINITY) this.remind(message.expiresAt, message)
  }

  remove(message: Message): void {
    if (!this.#messages.delete(message.sequenceNumber)) return
    this.#bytes -= message.encoded.length
    if (message.state === 'scheduled') this.#scheduled--
    if (message.state === 'deferred') this.#deferred--
    this.#journal.removed(this.#queue, message.sequenceNumber)
    if (this.#agenda.size > 1024 && this.#agenda.size > 4 * this.#messages.size) {
      this.#agenda.retain((n) => this.#messages.has(n))
    }
  }

  /** Takes everything out without telling the journal. */
  clear(): void {
    this.#messages.clear()
    this.#agenda.clear()
    this.#bytes = 0
    this.#deferred = 0
    this.#scheduled = 0
  }

  /** To be called when the delivery count or the properties of a message have changed. */
  changed(message: Message): void {
    this.#journal.changed(this.#queue, message)
  }

  defer(message: Message): void {
    if (message.state !== 'deferred') this.#deferred++
    message.state = 'deferred'
    this.changed(message)
  }

  /** Up to `count` messages from a sequence number on, in whatever state they are. */
  peek(from: number, count: number, now: number, sessionId?: string): Message[] {
    const found: Message[] = []
    for (const message of this.#messages.values()) {
      if (message.sequenceNumber < from || message.expiresAt <= now) continue
      if (sessionId !== undefined && message.sessionId !== sessionId) continue
      found.push(message)
      if (found.length === count && !this.#outOfOrder) return found
    }
    return found.sort((a, b) => a.sequenceNumber - b.sequenceNumber).slice(0, count)
  }

  /** Something about the message is due at this time. */
  remind(at: number, message: Message): void {
    this.#agenda.push(at, message.sequenceNumber)
    this.#onDeadline(at)
  }

  /** The messages of which something may be due, each once for every reminder. */
  *due(now: number): Iterable<Message> {
    for (let at = this.#agenda.peek(); at !== undefined && at <= now; at = this.#agenda.peek()) {
      const message = this.#messages.get(this.#agenda.pop() as number)
      if (message !== undefined) yield message
    }
  }

  /** When something may be due next; `Infinity` when nothing is. */
  nextDue(): number {
    return this.#agenda.peek() ?? Number.POSITIVE_INFINITY
  }
}
