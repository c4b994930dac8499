import type { DatabaseSync } from 'node:sqlite'
import type { KeptEntity } from '../catalogue.ts'
import type { Journal } from '../engine/journal.ts'
import type { Message } from '../engine/message.ts'
import { toJson } from './json.ts'
import { queueFactor } from './rowIds.ts'

/** After so many message ids, those whose window has passed are forgotten. */
const forgetEvery = 1000

type Change = { readonly kind: 'added' | 'changed'; readonly message: Message } | { readonly kind: 'removed' }

/** Writes what the queues report to the database, and the entities: all of one turn in one transaction. */
export class Writer implements Journal {
  readonly #database: DatabaseSync
  readonly #statements: ReturnType<typeof prepare>
  readonly #queueIds = new Map<string, number>()
  readonly #messages = new Map<number, Change>()
  readonly #lastSequenceNumbers = new Map<number, number>()
  #others: (() => void)[] = []
  #remembered = 0
  #callbacks: (() => void)[] = []
  #scheduled: NodeJS.Immediate | undefined
  #hasEnded = false

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#statements = prepare(database)
    for (const row of database.prepare('SELECT id, name FROM queue').all()) {
      this.#queueIds.set(String(row.name).toLowerCase(), Number(row.id))
    }
  }

  added(queue: string, message: Message): void {
    const queueId = this.#queueId(queue)
    this.#messages.set(queueId * queueFactor + message.sequenceNumber, { kind: 'added', message })
    const last = this.#lastSequenceNumbers.get(queueId) ?? 0
    if (message.sequenceNumber > last) this.#lastSequenceNumbers.set(queueId, message.sequenceNumber)
    this.#schedule()
  }

  changed(queue: string, message: Message): void {
    const id = this.#queueId(queue) * queueFactor + message.sequenceNumber
    if (!this.#messages.has(id)) this.#messages.set(id, { kind: 'changed', message })
    this.#schedule()
  }

  removed(queue: string, sequenceNumber: number): void {
    const id = this.#queueId(queue) * queueFactor + sequenceNumber
    // What came and went between two commits leaves no trace.
    if (this.#messages.get(id)?.kind === 'added') this.#messages.delete(id)
    else this.#messages.set(id, { kind: 'removed' })
    this.#schedule()
  }

  sessionState(queue: string, sessionId: string, state: Uint8Array | undefined): void {
    const queueId = this.#queueId(queue)
    const { setSessionState, clearSessionState } = this.#statements
    this.#others.push(() => {
      if (state === undefined) clearSessionState.run(queueId, sessionId)
      else setSessionState.run(queueId, sessionId, state)
    })
    this.#schedule()
  }

  seen(queue: string, messageId: string, until: number): void {
    const queueId = this.#queueId(queue)
    const { remember, forget } = this.#statements
    this.#others.push(() => remember.run(queueId, messageId, until))
    if (++this.#remembered % forgetEvery === 0) this.#others.push(() => forget.run(Date.now()))
    this.#schedule()
  }

  dropped(queue: string): void {
    if (this.#hasEnded) return
    this.commit()
    const id = this.#queueIds.get(queue.toLowerCase())
    if (id === undefined) return
    this.#queueIds.delete(queue.toLowerCase())
    this.#database.exec('BEGIN')
    this.#statements.dropMessages.run(id * queueFactor, (id + 1) * queueFactor)
    for (const statement of this.#statements.drop) statement.run(id)
    this.#database.exec('COMMIT')
  }

  keepEntity({ path, kind, declared, current }: KeptEntity): void {
    this.#others.push(() => this.#statements.keepEntity.run(path, kind, declared ?? null, current ?? null))
    this.#schedule()
  }

  forgetEntity(path: string): void {
    this.#others.push(() => this.#statements.forgetEntity.run(path))
    this.#schedule()
  }

  afterCommit(callback: () => void): void {
    if (this.#hasEnded) return
    if (this.#scheduled === undefined) callback()
    else this.#callbacks.push(callback)
  }

  /** Keeps what was reported. What comes later, from clients that are just being cut off, is neither kept nor acknowledged. */
  end(): void {
    this.commit()
    this.#hasEnded = true
  }

  #schedule(): void {
    if (this.#hasEnded) return
    this.#scheduled ??= setImmediate(() => this.commit())
  }

  /** Throws when the database cannot be written: a broker that cannot keep its promises must not go on. */
  commit(): void {
    if (this.#scheduled === undefined) return
    clearImmediate(this.#scheduled)
    this.#database.exec('BEGIN')
    for (const [id, change] of this.#messages) this.#write(id, change)
    for (const [queueId, last] of this.#lastSequenceNumbers) this.#statements.setLast.run(last, queueId)
    for (const write of this.#others) write()
    this.#database.exec('COMMIT')
    this.#messages.clear()
    this.#lastSequenceNumbers.clear()
    this.#others = []
    this.#scheduled = undefined
    const callbacks = this.#callbacks
    this.#callbacks = []
    for (const callback of callbacks) callback()
  }

  #write(id: number, change: Change): void {
    const { insert, update, remove } = this.#statements
    if (change.kind === 'removed') {
      remove.run(id)
      return
    }
    const { message: m } = change
    if (change.kind === 'changed') {
      update.run(m.state, deliveriesOf(m), m.changes === undefined ? null : toJson(m.changes), id)
      return
    }
    insert.run(
      id,
      m.messageId,
      m.sessionId ?? null,
      m.enqueuedSequenceNumber,
      m.enqueuedTime,
      finite(m.expiresAt),
      finite(m.timeToLive),
      m.scheduledFor ?? null,
      m.state,
      deliveriesOf(m),
      m.changes === undefined ? null : toJson(m.changes),
      m.deadLetterSource ?? null,
      m.encoded,
    )
  }

  #queueId(name: string): number {
    const key = name.toLowerCase()
    let id = this.#queueIds.get(key)
    if (id === undefined) {
      id = Number(this.#statements.addQueue.run(name).lastInsertRowid)
      this.#queueIds.set(key, id)
    }
    return id
  }
}

function prepare(database: DatabaseSync) {
  return {
    addQueue: database.prepare('INSERT INTO queue (name) VALUES (?)'),
    setLast: database.prepare(
      'UPDATE queue SET last_sequence_number = max(last_sequence_number, ?) WHERE id = ?',
    ),
    insert: database.prepare('INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    update: database.prepare('UPDATE message SET state = ?, delivery_count = ?, changes = ? WHERE id = ?'),
    remove: database.prepare('DELETE FROM message WHERE id = ?'),
    setSessionState: database.prepare('INSERT OR REPLACE INTO session_state VALUES (?, ?, ?)'),
    clearSessionState: database.prepare('DELETE FROM session_state WHERE queue = ? AND session_id = ?'),
    forget: database.prepare('DELETE FROM seen WHERE until <= ?'),
    remember: database.prepare('INSERT OR REPLACE INTO seen VALUES (?, ?, ?)'),
    dropMessages: database.prepare('DELETE FROM message WHERE id >= ? AND id < ?'),
    drop: ['session_state WHERE queue', 'seen WHERE queue', 'queue WHERE id'].map((place) =>
      database.prepare(`DELETE FROM ${place} = ?`),
    ),
    keepEntity: database.prepare(
      `INSERT INTO entity VALUES (?, ?, ?, ?) ON CONFLICT (path) DO UPDATE
       SET path = excluded.path, kind = excluded.kind, declared = excluded.declared, current = excluded.current`,
    ),
    forgetEntity: database.prepare('DELETE FROM entity WHERE path = ?'),
  }
}

/** The deliveries that have ended: one under a lock is none yet, should the process die. */
function deliveriesOf({ deliveryCount, lock }: Message): number {
  return lock === undefined ? deliveryCount : deliveryCount - 1
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
