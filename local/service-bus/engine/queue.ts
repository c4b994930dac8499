import { randomUUID } from 'node:crypto'
import { DuplicateHistory } from './duplicates.ts'
import { Failure } from './failure.ts'
import { MinHeap } from './heap.ts'
import { forgetful, type Journal, type Restored } from './journal.ts'
import type { Message, NewMessage, PropertyValue } from './message.ts'
import { type Session, Sessions } from './sessions.ts'

/** The settings of a queue or subscription. Times are in milliseconds; `Infinity` means never. */
export interface QueueSettings {
  readonly lockDuration: number
  readonly maxDeliveryCount: number
  readonly defaultTimeToLive: number
  readonly deadLetteringOnExpiration: boolean
  /** How long message ids are remembered; 0 turns duplicate detection off. */
  readonly duplicateDetectionWindow: number
  readonly requiresSession: boolean
  /** Bytes of messages that the queue may hold. */
  readonly maxSize: number
}

export type ReceiveMode = 'peekLock' | 'receiveAndDelete'

export type DeadLetterReason = {
  readonly reason?: string | undefined
  readonly description?: string | undefined
}

/** What a queue tells its surroundings; all optional, all called synchronously. */
export interface QueueListener {
  /** A message is ready to be received (in this session, if the queue has sessions). */
  onReady?(sessionId: string | undefined, now: number): void
  /** Something is due at this time: call `advance` then. */
  onDeadline?(at: number): void
  /** The receiver with this token has lost its session. */
  onSessionLost?(token: string): void
  /** The queue hands a message on to its dead-letter queue. */
  onDeadLetter?(message: Message, now: number): void
}

export interface QueueCounts {
  readonly active: number
  readonly deferred: number
  readonly scheduled: number
  readonly bytes: number
}

/**
 * A queue with the behaviour of a Service Bus queue: order, locks, delivery counts, deferral, schedules, expiry, duplicate
 * detection and sessions. It has no clock (every call is told the time), does no input or output and knows no protocol.
 */
export class Queue {
  readonly name: string
  readonly settings: QueueSettings
  readonly #listener: QueueListener
  readonly #journal: Journal
  readonly #messages = new Map<number, Message>()
  readonly #ready = new MinHeap()
  readonly #locks = new Map<string, Message>()
  /** What may be due when: moments → sequence numbers. Entries may be stale; `advance` looks at the message itself. */
  readonly #agenda = new MinHeap()
  readonly #sessions = new Sessions()
  readonly #duplicates: DuplicateHistory
  #lastSequenceNumber = 0
  #bytes = 0
  #deferred = 0
  #scheduled = 0
  /** Messages arrived with sequence numbers out of order, as they do in a dead-letter queue. */
  #outOfOrder = false

  constructor(
    name: string,
    settings: QueueSettings,
    listener: QueueListener = {},
    journal: Journal = forgetful,
  ) {
    this.name = name
    this.settings = settings
    this.#listener = listener
    this.#journal = journal
    this.#duplicates = new DuplicateHistory(settings.duplicateDetectionWindow)
  }

  /** Takes up where an earlier process left off; locks are gone, everything else is as it was. */
  restore(restored: Restored, now: number): void {
    this.#lastSequenceNumber = restored.lastSequenceNumber
    this.#duplicates.restore(restored.seen)
    for (const [id, state] of restored.sessionStates) this.#sessions.obtain(id).state = state
    for (const message of restored.messages) this.#place(message, now)
  }

  counts(): QueueCounts {
    const { size } = this.#messages
    return {
      active: size - this.#deferred - this.#scheduled,
      deferred: this.#deferred,
      scheduled: this.#scheduled,
      bytes: this.#bytes,
    }
  }

  // ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Takes messages in, all or none, and returns their sequence numbers. A message whose id was seen within the window of
   * duplicate detection is accepted and dropped: its sequence number is 0.
   */
  send(messages: readonly NewMessage[], now: number): number[] {
    let bytes = 0
    for (const message of messages) {
      bytes += message.encoded.length
      if (this.settings.requiresSession && message.sessionId === undefined) {
        throw new Failure(
          'not-allowed',
          `The entity '${this.name}' requires sessions: every message needs a session id.`,
        )
      }
    }
    if (this.#bytes + bytes > this.settings.maxSize) {
      throw new Failure('quota-exceeded', `The maximum size of the entity '${this.name}' has been reached.`)
    }
    return messages.map((message) => this.#enqueue(message, now))
  }

  #enqueue(incoming: NewMessage, now: number): number {
    if (this.#duplicates.isDuplicate(incoming.messageId, now)) return 0
    const until = this.#duplicates.rememberedUntil(incoming.messageId)
    if (until !== undefined) this.#journal.seen(this.name, incoming.messageId, until)
    const scheduled = incoming.scheduledFor !== undefined && incoming.scheduledFor > now
    const sequenceNumber = ++this.#lastSequenceNumber
    const timeToLive = Math.min(
      incoming.timeToLive ?? Number.POSITIVE_INFINITY,
      this.settings.defaultTimeToLive,
    )
    const message: Message = {
      sequenceNumber,
      enqueuedSequenceNumber: sequenceNumber,
      messageId: incoming.messageId,
      sessionId: incoming.sessionId,
      enqueuedTime: now,
      expiresAt: (scheduled ? (incoming.scheduledFor as number) : now) + timeToLive,
      timeToLive,
      scheduledFor: scheduled ? incoming.scheduledFor : undefined,
      state: scheduled ? 'scheduled' : 'active',
      deliveryCount: 0,
      lock: undefined,
      changes: undefined,
      deadLetterSource: undefined,
      encoded: incoming.encoded,
    }
    this.#add(message, now)
    return sequenceNumber
  }

  /** Takes in a dead-lettered message of the queue that this is the dead-letter queue of, with its number and history. */
  adopt(message: Message, now: number): void {
    if (message.sequenceNumber <= this.#lastSequenceNumber) this.#outOfOrder = true
    this.#lastSequenceNumber = Math.max(this.#lastSequenceNumber, message.sequenceNumber)
    this.#add({ ...message, state: 'active', lock: undefined, expiresAt: Number.POSITIVE_INFINITY }, now)
  }

  /** Takes in a message that another entity passes on (a topic, or auto-forwarding): it is enqueued here and now. */
  forward(message: Message, now: number): void {
    const timeToLive = Math.min(message.timeToLive, this.settings.defaultTimeToLive)
    const forwarded: Message = {
      ...message,
      sequenceNumber: ++this.#lastSequenceNumber,
      enqueuedSequenceNumber: message.sequenceNumber,
      enqueuedTime: now,
      expiresAt: now + timeToLive,
      timeToLive,
      scheduledFor: undefined,
      state: 'active',
      deliveryCount: 0,
      lock: undefined,
    }
    if (this.settings.requiresSession && message.sessionId === undefined) {
      this.#moveToDeadLetters(forwarded, now, {
        reason: 'Session id is null.',
        description: 'Session id is null.',
      })
    } else this.#add(forwarded, now)
  }

  #add(message: Message, now: number): void {
    this.#journal.added(this.name, message)
    this.#place(message, now)
  }

  #place(message: Message, now: number): void {
    this.#messages.set(message.sequenceNumber, message)
    this.#bytes += message.encoded.length
    if (message.expiresAt !== Number.POSITIVE_INFINITY) this.#remind(message.expiresAt, message)
    if (message.state === 'scheduled') {
      this.#scheduled++
      this.#remind(message.scheduledFor ?? now, message)
    } else if (message.state === 'deferred') this.#deferred++
    else this.#makeReady(message, now)
  }

  /** Cancels scheduled messages, all or none. */
  cancelScheduled(sequenceNumbers: readonly number[]): void {
    const messages = sequenceNumbers.map((n) => {
      const message = this.#messages.get(n)
      if (message?.state !== 'scheduled') throw notFound([n])
      return message
    })
    for (const message of messages) this.#remove(message)
  }

  // ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The next message, or undefined when there is none. Under `peekLock` the message comes with a lock, under
   * `receiveAndDelete` it is gone from the queue. On a queue with sessions, `sessionToken` and `sessionId` say which.
   */
  receive(mode: ReceiveMode, now: number, session?: { id: string; token: string }): Message | undefined {
    const held = this.settings.requiresSession ? this.#heldSession(session, now) : undefined
    const ready = held?.ready ?? this.#ready
    for (let n = ready.pop(); n !== undefined; n = ready.pop()) {
      const message = this.#messages.get(n)
      if (message === undefined || !isReady(message)) continue
      if (message.expiresAt <= now) {
        this.#expire(message, now)
        continue
      }
      this.#hand(message, mode, now, held)
      return message
    }
    return undefined
  }

  /** Takes the next message out of the queue, whatever session it is of: the way of topics and of auto-forwarding. */
  take(now: number): Message | undefined {
    for (const message of this.#messages.values()) {
      if (!isReady(message)) continue
      if (message.expiresAt > now) {
        this.#remove(message)
        return message
      }
      this.#expire(message, now)
    }
    return undefined
  }

  /** Hands out deferred messages by sequence number, all or none. */
  receiveDeferred(
    sequenceNumbers: readonly number[],
    mode: ReceiveMode,
    now: number,
    session?: { id: string; token: string },
  ): Message[] {
    const held = this.settings.requiresSession && session ? this.#heldSession(session, now) : undefined
    const messages = sequenceNumbers.map((n) => {
      const message = this.#messages.get(n)
      if (message?.state !== 'deferred' || message.lock !== undefined) throw notFound([n])
      if (held !== undefined && message.sessionId !== held.id) throw notFound([n])
      return message
    })
    for (const message of messages) this.#hand(message, mode, now, held)
    return messages
  }

  #hand(message: Message, mode: ReceiveMode, now: number, held: Session | undefined): void {
    message.deliveryCount++
    if (mode === 'receiveAndDelete') {
      this.#remove(message)
      return
    }
    const lock = { token: randomUUID(), until: held?.holder?.until ?? now + this.settings.lockDuration }
    message.lock = lock
    this.#locks.set(lock.token, message)
    if (held !== undefined) held.locked.add(message.sequenceNumber)
    else this.#remind(lock.until, message)
  }

  /** Up to `count` messages from a sequence number on, in whatever state they are, without touching them. */
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

  // ── Settling ─────────────────────────────────────────────────────────────────────────────────────────────────────

  complete(token: string, now: number): void {
    this.#remove(this.#locked(token, now))
  }

  /** Gives the message back: to the next receiver, or to the dead-letter queue after its last delivery. */
  abandon(token: string, now: number, changes?: Record<string, PropertyValue>): void {
    const message = this.#locked(token, now)
    this.#apply(message, changes)
    this.#giveBack(message, now)
  }

  /** Sets the message aside: from now on it is received by its sequence number only. */
  defer(token: string, now: number, changes?: Record<string, PropertyValue>): void {
    const message = this.#locked(token, now)
    this.#apply(message, changes)
    this.#unlock(message)
    if (message.state !== 'deferred') this.#deferred++
    message.state = 'deferred'
    this.#journal.changed(this.name, message)
  }

  deadLetter(
    token: string,
    now: number,
    why: DeadLetterReason,
    changes?: Record<string, PropertyValue>,
  ): void {
    const message = this.#locked(token, now)
    this.#apply(message, changes)
    this.#moveToDeadLetters(message, now, why)
  }

  /** Extends the lock by the queue's lock duration and returns the moment until which it holds. */
  renew(token: string, now: number): number {
    const message = this.#locked(token, now)
    const lock = message.lock as { until: number }
    if (!this.settings.requiresSession) {
      lock.until = now + this.settings.lockDuration
      this.#remind(lock.until, message)
    }
    return lock.until
  }

  #locked(token: string, now: number): Message {
    const message = this.#locks.get(token)
    if (message?.lock === undefined || (!this.settings.requiresSession && message.lock.until <= now)) {
      throw new Failure(
        'message-lock-lost',
        'The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.',
      )
    }
    return message
  }

  #unlock(message: Message): void {
    if (message.lock === undefined) return
    this.#locks.delete(message.lock.token)
    message.lock = undefined
    if (message.sessionId !== undefined)
      this.#sessions.get(message.sessionId)?.locked.delete(message.sequenceNumber)
  }

  #giveBack(message: Message, now: number): void {
    this.#unlock(message)
    if (message.deliveryCount >= this.settings.maxDeliveryCount) {
      this.#moveToDeadLetters(message, now, {
        reason: 'MaxDeliveryCountExceeded',
        description: `Message could not be consumed after ${this.settings.maxDeliveryCount} delivery attempts.`,
      })
      return
    }
    this.#journal.changed(this.name, message)
    if (message.state === 'active') this.#makeReady(message, now)
  }

  #apply(message: Message, changes: Record<string, PropertyValue> | undefined): void {
    if (changes !== undefined && Object.keys(changes).length > 0)
      message.changes = { ...message.changes, ...changes }
  }

  #moveToDeadLetters(message: Message, now: number, why: DeadLetterReason): void {
    if (this.#listener.onDeadLetter === undefined) {
      throw new Failure('not-allowed', `The entity '${this.name}' has no dead-letter queue.`)
    }
    this.#apply(message, {
      ...(why.reason !== undefined && { DeadLetterReason: why.reason }),
      ...(why.description !== undefined && { DeadLetterErrorDescription: why.description }),
    })
    this.#remove(message)
    message.deadLetterSource = this.name
    this.#listener.onDeadLetter(message, now)
  }

  #expire(message: Message, now: number): void {
    if (this.settings.deadLetteringOnExpiration) {
      this.#moveToDeadLetters(message, now, {
        reason: 'TTLExpiredException',
        description: 'The message expired and was dead lettered.',
      })
    } else this.#remove(message)
  }

  #remove(message: Message): void {
    this.#unlock(message)
    if (!this.#messages.delete(message.sequenceNumber)) return
    this.#bytes -= message.encoded.length
    if (message.state === 'scheduled') this.#scheduled--
    if (message.state === 'deferred') this.#deferred--
    this.#journal.removed(this.name, message.sequenceNumber)
    if (this.#agenda.size > 1024 && this.#agenda.size > 4 * this.#messages.size) {
      this.#agenda.retain((n) => this.#messages.has(n))
    }
    if (this.#messages.size === 0) this.#ready.clear()
  }

  #makeReady(message: Message, now: number): void {
    if (this.settings.requiresSession) {
      this.#sessions.obtain(message.sessionId ?? '').ready.push(message.sequenceNumber)
    } else this.#ready.push(message.sequenceNumber)
    this.#listener.onReady?.(message.sessionId, now)
  }

  // ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Locks a session for one receiver: the named one, or the next with messages that nobody holds (undefined when there is
   * none). Throws `session-cannot-be-locked` when another receiver holds the named one.
   */
  acceptSession(
    id: string | undefined,
    now: number,
  ): { id: string; token: string; until: number } | undefined {
    if (!this.settings.requiresSession) {
      throw new Failure('not-allowed', `The entity '${this.name}' does not have sessions.`)
    }
    const session = id === undefined ? this.#nextSession(now) : this.#sessions.obtain(id)
    if (session === undefined) return undefined
    if (session.holder !== undefined && session.holder.until > now) {
      throw new Failure(
        'session-cannot-be-locked',
        `The requested session '${session.id}' cannot be accepted. It may be locked by another receiver.`,
      )
    }
    if (session.holder !== undefined) this.#loseSession(session, now)
    const token = randomUUID()
    const until = now + this.settings.lockDuration
    this.#sessions.hold(session, token, until)
    session.lastUpdated = now
    this.#listener.onDeadline?.(until)
    return { id: session.id, token, until }
  }

  #nextSession(now: number): Session | undefined {
    for (const session of this.#sessions.all()) {
      if (session.holder !== undefined && session.holder.until > now) continue
      for (let n = session.ready.peek(); n !== undefined; n = session.ready.peek()) {
        const message = this.#messages.get(n)
        if (message !== undefined && isReady(message) && message.expiresAt > now) return session
        session.ready.pop()
        if (message !== undefined && isReady(message)) this.#expire(message, now)
      }
    }
    return undefined
  }

  /**
   * Extends the hold on a session and on its locked messages; returns the moment until which it is held. With a token:
   * only if that receiver holds it.
   */
  renewSession(id: string, now: number, token?: string): number {
    const session = this.#sessions.get(id)
    if (session?.holder === undefined || session.holder.until <= now) throw sessionLost(id)
    if (token !== undefined && token !== session.holder.token) throw sessionLost(id)
    const until = now + this.settings.lockDuration
    session.holder.until = until
    for (const n of session.locked) {
      const lock = this.#messages.get(n)?.lock
      if (lock !== undefined) lock.until = until
    }
    return until
  }

  /** Ends a receiver's hold on a session, if it still has it; messages it had not settled are ready again. */
  releaseSession(id: string, token: string, now: number): void {
    const session = this.#sessions.get(id)
    if (session?.holder?.token === token) this.#endHold(session, now)
  }

  sessionState(id: string): Uint8Array | undefined {
    return this.#sessions.get(id)?.state
  }

  setSessionState(id: string, state: Uint8Array | undefined, now: number): void {
    const session = this.#sessions.obtain(id)
    session.state = state
    session.lastUpdated = now
    this.#journal.sessionState(this.name, id, state)
    this.#sessions.forgetIfIdle(session)
  }

  /** The ids of sessions with messages or state. */
  sessionIds(): string[] {
    return [...this.#sessions.all()].filter((s) => s.ready.size > 0 || s.state !== undefined).map((s) => s.id)
  }

  #heldSession(claim: { id: string; token: string } | undefined, now: number): Session {
    const session = claim && this.#sessions.get(claim.id)
    if (
      session?.holder === undefined ||
      session.holder.token !== claim?.token ||
      session.holder.until <= now
    ) {
      throw sessionLost(claim?.id ?? '')
    }
    return session
  }

  #loseSession(session: Session, now: number): void {
    const token = session.holder?.token
    this.#endHold(session, now)
    if (token !== undefined) this.#listener.onSessionLost?.(token)
  }

  #endHold(session: Session, now: number): void {
    this.#sessions.release(session)
    for (const n of [...session.locked]) {
      const message = this.#messages.get(n)
      if (message !== undefined) this.#giveBack(message, now)
    }
    session.locked.clear()
    this.#sessions.forgetIfIdle(session)
    if (session.ready.size > 0) this.#listener.onReady?.(session.id, now)
  }

  // ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #remind(at: number, message: Message): void {
    this.#agenda.push(at, message.sequenceNumber)
    this.#listener.onDeadline?.(at)
  }

  /** Does what has become due: expired locks, sessions and messages, and schedules. Returns when to call again. */
  advance(now: number): number {
    for (const session of [...this.#sessions.held()]) {
      if (session.holder !== undefined && session.holder.until <= now) this.#loseSession(session, now)
    }
    for (let at = this.#agenda.peek(); at !== undefined && at <= now; at = this.#agenda.peek()) {
      const message = this.#messages.get(this.#agenda.pop() as number)
      if (message !== undefined) this.#review(message, now)
    }
    let next = this.#agenda.peek() ?? Number.POSITIVE_INFINITY
    for (const session of this.#sessions.held()) next = Math.min(next, session.holder?.until ?? next)
    return next
  }

  #review(message: Message, now: number): void {
    if (message.lock !== undefined) {
      if (this.settings.requiresSession || message.lock.until > now) return
      this.#giveBack(message, now)
      if (message.lock !== undefined || !this.#messages.has(message.sequenceNumber)) return
    }
    if (message.expiresAt <= now) this.#expire(message, now)
    else if (message.state === 'scheduled' && (message.scheduledFor ?? 0) <= now) this.#activate(message, now)
  }

  /** A scheduled message joins the queue as if it had been sent now: with a new sequence number. */
  #activate(message: Message, now: number): void {
    this.#remove(message)
    this.#add(
      {
        ...message,
        sequenceNumber: ++this.#lastSequenceNumber,
        state: 'active',
        enqueuedTime: now,
        expiresAt: now + message.timeToLive,
      },
      now,
    )
  }
}

function isReady(message: Message): boolean {
  return message.state === 'active' && message.lock === undefined
}

function notFound(sequenceNumbers: readonly number[]): Failure {
  return new Failure(
    'message-not-found',
    `No message has the sequence number ${sequenceNumbers.join(', ')} in the state asked for.`,
  )
}

function sessionLost(id: string): Failure {
  return new Failure(
    'session-lock-lost',
    `The session lock on the session '${id}' was lost. Request a new session receiver.`,
  )
}
