import { randomUUID } from 'node:crypto'
import { Failure, sessionLockLost } from './failure.ts'
import { MinHeap } from './heap.ts'

/** A group of messages that one receiver at a time handles in order. */
export interface Session {
  readonly id: string
  /** Sequence numbers of messages that are ready to be received. */
  readonly ready: MinHeap
  state: Uint8Array | undefined
  /** Milliseconds since the epoch. */
  stateSetAt: number
  /** The receiver that holds the session, and until when. */
  holder: { readonly token: string; until: number } | undefined
  /** Sequence numbers of the messages that the holder has locked. */
  readonly locked: Set<number>
}

/** What a receiver gets that holds a session, and shows to receive from it. */
export interface SessionClaim {
  readonly id: string
  readonly token: string
}

/** The sessions of one queue, and who holds them. */
export class Sessions {
  readonly #sessions = new Map<string, Session>()
  readonly #held = new Set<Session>()

  get(id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  /** The session, created if it is not known yet. */
  obtain(id: string): Session {
    let session = this.#sessions.get(id)
    if (session === undefined) {
      session = {
        id,
        ready: new MinHeap(),
        state: undefined,
        stateSetAt: 0,
        holder: undefined,
        locked: new Set(),
      }
      this.#sessions.set(id, session)
    }
    return session
  }

  /** The first session that nobody holds and that `hasMessages`. */
  nextFree(now: number, hasMessages: (session: Session) => boolean): Session | undefined {
    for (const session of this.#sessions.values())
      if (!isHeld(session, now) && hasMessages(session)) return session
    return undefined
  }

  /** Gives a free session to a receiver. Throws `session-cannot-be-locked` when another holds it. */
  hold(session: Session, now: number, until: number): SessionClaim {
    if (isHeld(session, now)) {
      throw new Failure(
        'session-cannot-be-locked',
        `The requested session '${session.id}' cannot be accepted. It may be locked by another receiver.`,
      )
    }
    const token = randomUUID()
    session.holder = { token, until }
    this.#held.add(session)
    return { id: session.id, token }
  }

  /** Ends the hold on a session. */
  free(session: Session): void {
    session.holder = undefined
    this.#held.delete(session)
  }

  /** The session that the claim is for; throws `session-lock-lost` when it is not held any more, or by another. */
  claimed(id: string, token: string | undefined, now: number): Session & { holder: { until: number } } {
    const session = this.#sessions.get(id)
    if (session?.holder === undefined || !isHeld(session, now)) throw sessionLockLost(id)
    if (token !== undefined && token !== session.holder.token) throw sessionLockLost(id)
    return session as Session & { holder: { until: number } }
  }

  /** Sessions whose hold has run out. */
  overdue(now: number): Session[] {
    return [...this.#held].filter((session) => !isHeld(session, now))
  }

  /** When the next hold runs out; `Infinity` when none does. */
  nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { holder } of this.#held) next = Math.min(next, holder?.until ?? next)
    return next
  }

  /** The ids of sessions with messages; with a moment: of those whose state was set since then. */
  ids(stateSetSince?: number): string[] {
    const isAskedFor = (s: Session) =>
      stateSetSince === undefined
        ? s.ready.size > 0 || s.locked.size > 0
        : s.state !== undefined && s.stateSetAt >= stateSetSince
    return [...this.#sessions.values()].filter(isAskedFor).map((s) => s.id)
  }

  /** Forgets all messages and states; who holds a session goes on holding it. */
  clear(): void {
    for (const session of [...this.#sessions.values()]) {
      session.ready.clear()
      session.locked.clear()
      session.state = undefined
      this.forgetIfIdle(session)
    }
  }

  /** Forgets a session that holds nothing worth remembering. */
  forgetIfIdle(session: Session): void {
    const { id, holder, state, ready, locked } = session
    if (holder !== undefined || state !== undefined || ready.size > 0 || locked.size > 0) return
    if (this.#sessions.get(id) === session) this.#sessions.delete(id)
  }
}

function isHeld({ holder }: Session, now: number): boolean {
  return holder !== undefined && holder.until > now
}
