import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Store } from '../broker.ts'
import type { Catalogue } from '../catalogue.ts'
import { readEntities, restore } from './reader.ts'
import { Writer } from './writer.ts'

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
