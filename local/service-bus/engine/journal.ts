import type { Message } from './message.ts'

/**
 * Where a queue reports every change that must outlive the process. Calls are cheap and synchronous; the store behind
 * it makes them durable together, all or nothing, before the broker acknowledges the operations that caused them.
 */
export interface Journal {
  /** The message is new in the queue. */
  added(queue: string, message: Message): void
  /** A message's state, delivery count or properties changed. */
  changed(queue: string, message: Message): void
  removed(queue: string, sequenceNumber: number): void
  /** `state` undefined: the session has none any more. */
  sessionState(queue: string, sessionId: string, state: Uint8Array | undefined): void
  /** Duplicate detection remembers `messageId` until `until`. */
  seen(queue: string, messageId: string, until: number): void
  /** The queue is deleted, with everything in it. */
  dropped(queue: string): void
}

/** What a queue starts from after a restart of the broker. */
export interface Restored {
  readonly messages: readonly Message[]
  readonly sessionStates: ReadonlyMap<string, Uint8Array>
  readonly seen: readonly (readonly [messageId: string, until: number])[]
  readonly lastSequenceNumber: number
}

export const forgetful: Journal = {
  added() {},
  changed() {},
  removed() {},
  sessionState() {},
  seen() {},
  dropped() {},
}
