import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Store } from '../broker.ts'
import type { Catalogue, KeptEntity } from '../catalogue.ts'
import type { Journal, Restored } from '../engine/journal.ts'
import type { Message } from '../engine/message.ts'
import { type TypedValue, textValue } from '../engine/value.ts'
import { fromJson, toJson } from './json.ts'

/** Sequence numbers of one queue fit in 40 bits; above them stands the number of the queue. */
const queueFactor = 2 ** 40

/** After so many message ids, those whose window has passed are forgotten. */
const forgetEvery = 1000

const schema = `
  CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    last_sequence_number INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    session_id TEXT,
    enqueued_sequence_number INTEGER NOT NULL,
    enqueued_time INTEGER NOT NULL,
    expires_at INTEGER,
    time_to_live INTEGER,
    scheduled_for INTEGER,
    state TEXT NOT NULL,
    delivery_count INTEGER NOT NULL,
    changes TEXT,
    dead_letter_source TEXT,
    encoded BLOB NOT NULL
  );
  CREATE TABLE IF NOT EXISTS session_state (
    queue INTEGER NOT NULL,
    session_id TEXT NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (queue, session_id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS seen (
    queue INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (queue, message_id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entity (
    path TEXT PRIMARY KEY COLLATE NOCASE,
    kind TEXT NOT NULL,
    declared TEXT,
    current TEXT
  );
`

type Change = { readonly kind: 'added' | 'changed'; readonly message: Message } | { readonly kind: 'removed' }

/**
 * A store in an SQLite database (write-ahead log). What happens in one turn of the event loop is committed in one
 * transaction; acknowledgements wait for it. A commit survives the death of the process at any moment; the operating
 * system writes it to the disk in its own time.
 */
export function sqliteStore(directory: string): Store {
  const database = open(directory)
  const writer = new Writer(database)
  return {
    journal: writer,
    catalogue: {
      read: () => readEntities(database),
      write: (entity) => writer.keepEntity(entity),
      remove: (path) => writer.forgetEntity(path),
    } satisfies Catalogue,
    restore: () => restore(database),
    afterCommit: (callback) => writer.afterCommit(callback),
    close() {
      writer.end()
      database.close()
    },
  }
}

/** @throws Error when the directory cannot be used. */
function open(directory: string): DatabaseSync {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'service-bus.db')
  const database = new DatabaseSync(file)
  try {
    // Exclusive: a second broker on the same directory fails at start instead of spoiling the queues of the first.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    database.exec(schema)
    return database
  } catch (error) {
    database.close()
    const { message } = error as Error
    throw new Error(
      /locked/.test(message)
        ? `The folder ${directory} is locked: another broker uses it. Stop it, or choose another folder.`
        : `${file} cannot be used: ${message}. Move it away to begin anew.`,
    )
  }
}

class Writer implements Journal {
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
      update.run(m.state, m.deliveryCount, m.changes === undefined ? null : toJson(m.changes), id)
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
      m.deliveryCount,
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

function readEntities(database: DatabaseSync): KeptEntity[] {
  return database
    .prepare('SELECT * FROM entity ORDER BY rowid')
    .all()
    .map((row) => ({
      path: String(row.path),
      kind: row.kind as KeptEntity['kind'],
      declared: row.declared === null ? undefined : String(row.declared),
      current: row.current === null ? undefined : String(row.current),
    }))
}

function restore(database: DatabaseSync): Map<string, Restored> {
  database.prepare('DELETE FROM seen WHERE until <= ?').run(Date.now())
  const messages = database.prepare('SELECT * FROM message WHERE id >= ? AND id < ? ORDER BY id')
  const states = database.prepare('SELECT session_id, state FROM session_state WHERE queue = ?')
  const seen = database.prepare('SELECT message_id, until FROM seen WHERE queue = ? ORDER BY until')
  const result = new Map<string, Restored>()
  for (const { id, name, last_sequence_number } of database.prepare('SELECT * FROM queue').all()) {
    const first = Number(id) * queueFactor
    result.set(String(name).toLowerCase(), {
      messages: messages.all(first, first + queueFactor).map((row) => readMessage(row, first)),
      sessionStates: new Map(
        states.all(Number(id)).map((row) => [String(row.session_id), row.state as Uint8Array] as const),
      ),
      seen: seen.all(Number(id)).map((row) => [String(row.message_id), Number(row.until)] as const),
      lastSequenceNumber: Number(last_sequence_number),
    })
  }
  return result
}

function readMessage(row: Record<string, unknown>, first: number): Message {
  return {
    sequenceNumber: Number(row.id) - first,
    enqueuedSequenceNumber: Number(row.enqueued_sequence_number),
    messageId: String(row.message_id),
    sessionId: row.session_id === null ? undefined : String(row.session_id),
    enqueuedTime: Number(row.enqueued_time),
    expiresAt: row.expires_at === null ? Number.POSITIVE_INFINITY : Number(row.expires_at),
    timeToLive: row.time_to_live === null ? Number.POSITIVE_INFINITY : Number(row.time_to_live),
    scheduledFor: row.scheduled_for === null ? undefined : Number(row.scheduled_for),
    state: row.state as Message['state'],
    deliveryCount: Number(row.delivery_count),
    lock: undefined,
    changes: row.changes === null ? undefined : readChanges(String(row.changes)),
    deadLetterSource: row.dead_letter_source === null ? undefined : String(row.dead_letter_source),
    encoded: Buffer.from(row.encoded as Uint8Array),
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** Earlier versions kept the values without their types. */
function readChanges(json: string): Record<string, TypedValue> {
  const changes = fromJson(json) as Record<string, unknown>
  const isTyped = (value: unknown): value is TypedValue =>
    typeof value === 'object' && value !== null && 'type' in value
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [name, isTyped(value) ? value : textValue(String(value))]),
  )
}
