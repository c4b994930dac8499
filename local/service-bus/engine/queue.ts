import { randomUUID } from 'node:crypto'
import type { QueueSettings } from './description.ts'
import { DuplicateHistory } from './duplicates.ts'
import { Failure, messageLockLost, messageNotFound } from './failure.ts'
import { MinHeap } from './heap.ts'
import { forgetful, type Journal, type Restored } from './journal.ts'
import {
  activated,
  type DeadLetterReason,
  enqueued,
  forwarded,
  isReady,
  type Message,
  type NewMessage,
  type ReceiveMode,
  reasonProperties,
  setProperties,
  type TypedProperties,
} from './message.ts'
import { MessageTable, type QueueCounts } from './messageTable.ts'
import { type Session, type SessionClaim, Sessions } from './sessions.ts'

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

/**
 * A queue with the behaviour of a Service Bus queue: order, locks, delivery counts, deferral, schedules, expiry, duplicate
 * detection and sessions. It has no clock (every call is told the time), does no input or output and knows no protocol.
 * What it refuses, it refuses with a `Failure`.
 */
export class Queue {
  readonly name: string
  #settings: QueueSettings
  #lastUsed = Number.NEGATIVE_INFINITY
  readonly #listener: QueueListener
  readonly #journal: Journal
  readonly #messages: MessageTable
  readonly #ready = new MinHeap()
  readonly #locks = new Map<string, Message>()
  readonly #sessions = new Sessions()
  readonly #duplicates: DuplicateHistory
  readonly #size: () => number
  #hasEnded = false

  /** @param size The bytes that count against the maximum size; default: those of the queue's own messages. */
  constructor(
    name: string,
    settings: QueueSettings,
    listener: QueueListener = {},
    journal: Journal = forgetful,
    size: () => number = () => this.bytes,
  ) {
    this.name = name
    this.#size = size
    this.#settings = settings
    this.#listener = listener
    this.#journal = journal
    this.#messages = new MessageTable(name, journal, (at) => listener.onDeadline?.(at))
    this.#duplicates = new DuplicateHistory(settings.duplicateDetectionWindow)
  }

  get settings(): QueueSettings {
    return this.#settings
  }

  /** When a client last sent, received, settled or peeked. */
  get lastUsed(): number {
    return this.#lastUsed
  }

  /** Changes the settings for what happens from now on. */
  configure(settings: QueueSettings): void {
    this.#settings = settings
    this.#duplicates.configure(settings.duplicateDetectionWindow)
  }

  /** Somebody uses the queue. */
  touch(now: number): void {
    this.#lastUsed = now
  }

  /** Takes up where an earlier process left off, without telling anybody; locks are gone, everything else is as it was. */
  restore(restored: Restored, now: number): void {
    this.#duplicates.restore(restored.seen)
    for (const [id, state] of restored.sessionStates) {
      const session = this.#sessions.obtain(id)
      session.state = state
      session.stateSetAt = now
    }
    for (const message of restored.messages) {
      this.#messages.restore(message)
      if (message.state === 'active' && !this.#lacksSession(message))
        this.#readyOf(message).push(message.sequenceNumber)
    }
    this.#messages.skipTo(restored.lastSequenceNumber)
    // The queue has sessions since it was declared anew: what was sent before may have none.
    for (const message of restored.messages) {
      if (message.state === 'active' && this.#lacksSession(message)) this.#makeReady(message, now)
    }
  }

  /** Everything out: messages, states of sessions, remembered message ids. */
  clear(): void {
    this.#journal.dropped(this.name)
    this.#messages.clear()
    this.#ready.clear()
    this.#locks.clear()
    this.#sessions.clear()
    this.#duplicates.clear()
  }

  /** The queue is deleted: everything out, and nothing comes in any more. */
  end(): void {
    this.clear()
    this.#hasEnded = true
  }

  /** Bytes of the messages in the queue. */
  get bytes(): number {
    return this.#messages.bytes
  }

  counts(): QueueCounts {
    return this.#messages.counts()
  }

  /** Up to `count` messages from a sequence number on, in whatever state they are, without touching them. */
  peek(from: number, count: number, now: number, sessionId?: string): Message[] {
    this.touch(now)
    return this.#messages.peek(from, count, now, sessionId)
  }

  // ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Takes messages in, all or none, and returns their sequence numbers. A message whose id was seen within the window of
   * duplicate detection is accepted and dropped: its sequence number is 0.
   */
  send(messages: readonly NewMessage[], now: number, reserved?: readonly number[]): number[] {
    this.touch(now)
    this.checkSend(messages)
    return messages.map((message, i) => this.#enqueue(message, now, reserved?.[i]))
  }

  /** Sequence numbers for messages that a transaction sends later, to give to `send`. */
  reserve(count: number): number[] {
    return Array.from({ length: count }, () => this.#messages.nextSequenceNumber())
  }

  /** Refuses messages that the queue would not take in (`entity-not-found`, `not-allowed`, `quota-exceeded`). */
  checkSend(messages: readonly NewMessage[]): void {
    if (this.#hasEnded) {
      throw new Failure('entity-not-found', `The messaging entity '${this.name}' could not be found.`)
    }
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
    if (!this.hasRoomFor(bytes)) {
      throw new Failure('quota-exceeded', `The maximum size of the entity '${this.name}' has been reached.`)
    }
  }

  /** Whether the maximum size allows for so many more bytes. */
  hasRoomFor(bytes: number): boolean {
    return this.#size() + bytes <= this.settings.maxSize
  }

  #enqueue(incoming: NewMessage, now: number, reserved?: number): number {
    const { messageId } = incoming
    if (this.#duplicates.isDuplicate(messageId, now)) return 0
    const until = this.#duplicates.rememberedUntil(messageId)
    if (until !== undefined) this.#journal.seen(this.name, messageId, until)
    const sequenceNumber = reserved ?? this.#messages.nextSequenceNumber()
    this.#add(enqueued(incoming, sequenceNumber, now, this.settings.defaultTimeToLive), now)
    return sequenceNumber
  }

  /** Takes in a dead-lettered message of the queue that this is the dead-letter queue of, with its number and history. */
  adopt(message: Message, now: number): void {
    this.#add({ ...message, state: 'active', lock: undefined, expiresAt: Number.POSITIVE_INFINITY }, now)
  }

  /** Takes in a message that another entity passes on (a topic, or auto-forwarding): it is enqueued here and now. */
  forward(message: Message, now: number): void {
    const { defaultTimeToLive } = this.settings
    this.#add(forwarded(message, this.#messages.nextSequenceNumber(), now, defaultTimeToLive), now)
  }

  /** Takes a message that another entity passes on straight to the dead-letter queue. */
  refuse(message: Message, now: number, why: DeadLetterReason): void {
    const { defaultTimeToLive } = this.settings
    const copy = forwarded(message, this.#messages.nextSequenceNumber(), now, defaultTimeToLive)
    this.#moveToDeadLetters(copy, now, why)
  }

  #add(message: Message, now: number): void {
    this.#messages.add(message)
    if (message.state === 'active') this.#makeReady(message, now)
  }

  #makeReady(message: Message, now: number): void {
    if (this.#lacksSession(message)) {
      const reason = 'Session id is null.'
      this.#moveToDeadLetters(message, now, { reason, description: reason })
      return
    }
    this.#readyOf(message).push(message.sequenceNumber)
    this.#listener.onReady?.(message.sessionId, now)
  }

  /** Nobody could receive the message. */
  #lacksSession({ sessionId }: Message): boolean {
    return this.settings.requiresSession && sessionId === undefined
  }

  /** Where a message waits to be received. */
  #readyOf({ sessionId = '' }: Message): MinHeap {
    return this.settings.requiresSession ? this.#sessions.obtain(sessionId).ready : this.#ready
  }

  /** Deletes up to `count` messages that wait to be received and were enqueued before a moment; returns how many. */
  deleteMessages(count: number, enqueuedBefore: number, now: number, sessionId?: string): number {
    this.touch(now)
    let deleted = 0
    for (const message of this.#messages.values()) {
      if (deleted >= count) break
      if (!isReady(message) || message.enqueuedTime >= enqueuedBefore) continue
      if (sessionId !== undefined && message.sessionId !== sessionId) continue
      this.#remove(message)
      deleted++
    }
    return deleted
  }

  /** Cancels scheduled messages, all or none. */
  cancelScheduled(sequenceNumbers: readonly number[]): void {
    const messages = sequenceNumbers.map((n) => {
      const message = this.#messages.get(n)
      if (message?.state !== 'scheduled') throw messageNotFound(n)
      return message
    })
    for (const message of messages) this.#remove(message)
  }

  // ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The next message, or undefined when there is none. Under `peekLock` the message comes with a lock, under
   * `receiveAndDelete` it is gone from the queue. A queue with sessions wants to see a claim to one.
   */
  receive(mode: ReceiveMode, now: number, claim?: SessionClaim): Message | undefined {
    this.touch(now)
    const session = this.#claimed(claim, now)
    const message = this.#nextReady(session?.ready ?? this.#ready, now)
    if (message !== undefined) this.#hand(message, mode, now, session)
    return message
  }

  /** Takes the next message out of a queue without sessions: the way of topics and of auto-forwarding. */
  take(now: number): Message | undefined {
    this.touch(now)
    const message = this.#nextReady(this.#ready, now)
    if (message !== undefined) this.#remove(message)
    return message
  }

  #nextReady(ready: MinHeap, now: number): Message | undefined {
    for (let n = ready.pop(); n !== undefined; n = ready.pop()) {
      const message = this.#messages.get(n)
      if (message === undefined || !isReady(message)) continue
      if (message.expiresAt > now) return message
      this.#expire(message, now)
    }
    return undefined
  }

  /** Hands out deferred messages by sequence number, all or none. */
  receiveDeferred(
    numbers: readonly number[],
    mode: ReceiveMode,
    now: number,
    claim?: SessionClaim,
  ): Message[] {
    this.touch(now)
    const session = this.#claimed(claim, now)
    const messages = numbers.map((n) => {
      const message = this.#messages.get(n)
      if (message?.state !== 'deferred' || message.lock !== undefined) throw messageNotFound(n)
      if (session !== undefined && message.sessionId !== session.id) throw messageNotFound(n)
      return message
    })
    for (const message of messages) this.#hand(message, mode, now, session)
    return messages
  }

  #claimed(claim: SessionClaim | undefined, now: number): Session | undefined {
    return this.settings.requiresSession
      ? this.#sessions.claimed(claim?.id ?? '', claim?.token ?? '', now)
      : undefined
  }

  #hand(message: Message, mode: ReceiveMode, now: number, session: Session | undefined): void {
    message.deliveryCount++
    if (mode === 'receiveAndDelete') {
      this.#remove(message)
      return
    }
    const lock = { token: randomUUID(), until: session?.holder?.until ?? now + this.settings.lockDuration }
    message.lock = lock
    this.#locks.set(lock.token, message)
    if (session !== undefined) session.locked.add(message.sequenceNumber)
    else this.#messages.remind(lock.until, message)
  }

  // ── Settling ─────────────────────────────────────────────────────────────────────────────────────────────────────

  complete(token: string, now: number): void {
    this.#remove(this.#locked(token, now))
  }

  /** Gives the message back: to the next receiver, or to the dead-letter queue after its last delivery. */
  abandon(token: string, now: number, changes?: TypedProperties): void {
    const message = this.#locked(token, now)
    setProperties(message, changes)
    this.#giveBack(message, now)
  }

  /** Gives the message back as if it had never been delivered. */
  release(token: string, now: number): void {
    this.#release(this.#locked(token, now), now)
  }

  #release(message: Message, now: number): void {
    message.deliveryCount--
    this.#unlock(message)
    this.#putBack(message, now)
  }

  /** Refuses (`message-lock-lost`) when the token is good for no message. */
  checkLock(token: string, now: number): void {
    this.#locked(token, now)
  }

  /** Refuses (`message-lock-lost`, `not-allowed`) what `deadLetter` would refuse. */
  checkDeadLetter(token: string, now: number): void {
    this.#locked(token, now)
    this.#deadLettersTo()
  }

  /** Sets the message aside: from now on it is received by its sequence number only. */
  defer(token: string, now: number, changes?: TypedProperties): void {
    const message = this.#locked(token, now)
    setProperties(message, changes)
    this.#unlock(message)
    this.#messages.defer(message)
    if (message.expiresAt <= now) this.#expire(message, now)
  }

  deadLetter(token: string, now: number, why: DeadLetterReason, changes?: TypedProperties): void {
    this.checkDeadLetter(token, now)
    const message = this.#locked(token, now)
    setProperties(message, changes)
    // A delivery counts when it has failed; this one was the receiver's decision.
    message.deliveryCount--
    this.#moveToDeadLetters(message, now, why)
  }

  /** Extends the lock by the queue's lock duration and returns the moment until which it holds. */
  renew(token: string, now: number): number {
    const message = this.#locked(token, now)
    const lock = message.lock as { until: number }
    if (!this.settings.requiresSession) {
      lock.until = now + this.settings.lockDuration
      this.#messages.remind(lock.until, message)
    }
    return lock.until
  }

  #locked(token: string, now: number): Message {
    this.touch(now)
    const message = this.#locks.get(token)
    // A message of a session is locked for as long as its session is held.
    if (message?.lock === undefined || (!this.settings.requiresSession && message.lock.until <= now)) {
      throw messageLockLost()
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
    const { maxDeliveryCount } = this.settings
    if (message.deliveryCount >= maxDeliveryCount) {
      this.#moveToDeadLetters(message, now, {
        reason: 'MaxDeliveryCountExceeded',
        description: `Message could not be consumed after ${maxDeliveryCount} delivery attempts.`,
      })
      return
    }
    this.#putBack(message, now)
  }

  /** An unlocked message waits again, unless its time has passed while it was locked. */
  #putBack(message: Message, now: number): void {
    if (message.expiresAt <= now) {
      this.#expire(message, now)
      return
    }
    this.#messages.changed(message)
    if (message.state === 'active') this.#makeReady(message, now)
  }

  #moveToDeadLetters(message: Message, now: number, why: DeadLetterReason): void {
    const deadLetter = this.#deadLettersTo()
    setProperties(message, reasonProperties(why))
    this.#remove(message)
    message.deadLetterSource = this.name
    deadLetter(message, now)
  }

  #deadLettersTo(): NonNullable<QueueListener['onDeadLetter']> {
    const { onDeadLetter } = this.#listener
    if (onDeadLetter !== undefined) return onDeadLetter
    throw new Failure('not-allowed', `The entity '${this.name}' has no dead-letter queue.`)
  }

  #expire(message: Message, now: number): void {
    if (!this.settings.deadLetteringOnExpiration) this.#remove(message)
    else {
      const description = 'The message expired and was dead lettered.'
      this.#moveToDeadLetters(message, now, { reason: 'TTLExpiredException', description })
    }
  }

  #remove(message: Message): void {
    this.#unlock(message)
    this.#messages.remove(message)
    if (this.#messages.size === 0) this.#ready.clear()
    if (this.settings.requiresSession) this.#forgetEmpty(message.sessionId)
  }

  /** Lets go of a session whose last message went without being received: it has expired, or was deleted. */
  #forgetEmpty(id = ''): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    const { ready } = session
    for (let n = ready.peek(); n !== undefined; n = ready.peek()) {
      const message = this.#messages.get(n)
      if (message !== undefined && isReady(message)) return
      ready.pop()
    }
    this.#sessions.forgetIfIdle(session)
  }

  // ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Locks a session for one receiver: the named one, or the next with messages that nobody holds (undefined when there is
   * none). Throws `session-cannot-be-locked` when another receiver holds the named one.
   */
  acceptSession(id: string | undefined, now: number): (SessionClaim & { until: number }) | undefined {
    if (!this.settings.requiresSession) {
      throw new Failure('not-allowed', `The entity '${this.name}' does not have sessions.`)
    }
    for (const session of this.#sessions.overdue(now)) this.#loseSession(session, now)
    const session =
      id === undefined
        ? this.#sessions.nextFree(now, (s) => this.#hasMessages(s, now))
        : this.#sessions.obtain(id)
    if (session === undefined) return undefined
    const until = now + this.settings.lockDuration
    const claim = this.#sessions.hold(session, now, until)
    this.#listener.onDeadline?.(until)
    return { ...claim, until }
  }

  #hasMessages({ ready }: Session, now: number): boolean {
    for (let n = ready.peek(); n !== undefined; n = ready.peek()) {
      const message = this.#messages.get(n)
      const waits = message !== undefined && isReady(message)
      if (waits && message.expiresAt > now) return true
      ready.pop()
      if (waits) this.#expire(message, now)
    }
    return false
  }

  /**
   * Extends the hold on a session and on its locked messages; returns the moment until which it is held. With a token:
   * only if that receiver holds it.
   */
  renewSession(id: string, now: number, token?: string): number {
    const session = this.#sessions.claimed(id, token, now)
    const until = now + this.settings.lockDuration
    session.holder.until = until
    for (const n of session.locked) {
      const lock = this.#messages.get(n)?.lock
      if (lock !== undefined) lock.until = until
    }
    return until
  }

  /**
   * Ends a receiver's hold on a session, if it still has it; messages it had not settled are ready again. Their deliveries
   * count only when a hold has run out ("Message sessions": impact of delivery count).
   */
  releaseSession({ id, token }: SessionClaim, now: number): void {
    const session = this.#sessions.get(id)
    if (session?.holder?.token === token)
      this.#endHold(session, now, (message) => this.#release(message, now))
  }

  sessionState(id: string): Uint8Array | undefined {
    return this.#sessions.get(id)?.state
  }

  /** With a token: only if that receiver holds the session. */
  setSessionState(id: string, state: Uint8Array | undefined, now: number, token?: string): void {
    const session = token === undefined ? this.#sessions.obtain(id) : this.#sessions.claimed(id, token, now)
    session.state = state
    session.stateSetAt = now
    this.#journal.sessionState(this.name, id, state)
    this.#sessions.forgetIfIdle(session)
  }

  /** The ids of sessions with messages; with a moment: of those whose state was set since then. */
  sessionIds(stateSetSince?: number): string[] {
    return this.#sessions.ids(stateSetSince)
  }

  #loseSession(session: Session, now: number): void {
    const token = session.holder?.token
    this.#endHold(session, now, (message) => this.#giveBack(message, now))
    if (token !== undefined) this.#listener.onSessionLost?.(token)
  }

  #endHold(session: Session, now: number, giveBack: (message: Message) => void): void {
    this.#sessions.free(session)
    for (const n of [...session.locked]) {
      const message = this.#messages.get(n)
      if (message !== undefined) giveBack(message)
    }
    this.#sessions.forgetIfIdle(session)
    if (session.ready.size > 0) this.#listener.onReady?.(session.id, now)
  }

  // ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Does what has become due: expired locks, sessions and messages, and schedules. Returns when to call again. */
  advance(now: number): number {
    for (const session of this.#sessions.overdue(now)) this.#loseSession(session, now)
    for (const message of this.#messages.due(now)) this.#review(message, now)
    return Math.min(this.#messages.nextDue(), this.#sessions.nextDue())
  }

  #review(message: Message, now: number): void {
    if (message.lock !== undefined) {
      if (this.settings.requiresSession || message.lock.until > now) return
      this.#giveBack(message, now)
      if (message.lock !== undefined || this.#messages.get(message.sequenceNumber) !== message) return
    }
    if (message.expiresAt <= now) this.#expire(message, now)
    else if (message.state === 'scheduled' && (message.scheduledFor ?? 0) <= now) {
      this.#remove(message)
      this.#add(activated(message, this.#messages.nextSequenceNumber(), now), now)
    }
  }
}
