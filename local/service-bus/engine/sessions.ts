import { MinHeap } from './heap.ts'

/** A group of messages that one receiver at a time handles in order. */
export interface Session {
  readonly id: string
  /** Sequence numbers of messages that are ready to be received. */
  readonly ready: MinHeap
  state: Uint8Array | undefined
  /** The receiver that holds the session, and until when. */
  holder: { readonly token: string; until: number } | undefined
  /** Sequence numbers of the messages that the holder has locked. */
  readonly locked: Set<number>
  lastUpdated: number
}

/** The sessions of one queue. */
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
        holder: undefined,
        locked: new Set(),
        lastUpdated: 0,
      }
      this.#sessions.set(id, session)
    }
    return session
  }

  hold(session: Session, token: string, until: number): void {
    session.holder = { token, until }
    this.#held.add(session)
  }

  release(session: Session): void {
    session.holder = undefined
    this.#held.delete(session)
  }

  /** The sessions that a receiver holds now. */
  held(): Iterable<Session> {
    return this.#held
  }

  all(): Iterable<Session> {
    return this.#sessions.values()
  }

  /** Forgets a session that holds nothing worth remembering. */
  forgetIfIdle(session: Session): void {
    if (session.holder === undefined && session.state === undefined && session.ready.size === 0) {
      this.#sessions.delete(session.id)
    }
  }
}
