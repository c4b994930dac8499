import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite'

/** Grows with each change of the tables that an older program could not read, or a newer one not take over. */
const format = 1

/** Kept statements: one for each index and direction that is asked for. */
const mostQueries = 500

const schema = `
  CREATE TABLE IF NOT EXISTS database (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    rid TEXT NOT NULL UNIQUE,
    resource TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS container (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    database INTEGER NOT NULL,
    id TEXT NOT NULL,
    rid TEXT NOT NULL UNIQUE,
    resource TEXT NOT NULL,
    throughput INTEGER,
    scales INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    lsn INTEGER NOT NULL,
    UNIQUE (database, id)
  );
  CREATE TABLE IF NOT EXISTS path_index (
    container INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    paths TEXT NOT NULL,
    orders TEXT NOT NULL,
    PRIMARY KEY (container, number)
  ) WITHOUT ROWID;
`

/** The folder cannot be used; the message says why and what to do. */
export class StoreError extends Error {}

/**
 * An SQLite database, in memory or in a folder (write-ahead log). What happens in one turn of the event loop is committed
 * in one transaction, and answers wait for it. A commit survives the death of the process at any moment; the operating
 * system writes it to the disk in its own time.
 */
export class Store {
  readonly #database: DatabaseSync
  #callbacks: ((error?: Error) => void)[] = []
  #beforeCommit = new Set<() => void>()
  #inTransaction = false
  /** Why the transaction of this turn cannot be committed any more. */
  #failure: Error | undefined
  #depth = 0
  #closed = false
  readonly #statements = new Map<string, StatementSync>()
  readonly #queries = new Map<string, StatementSync>()
  readonly #afterRollback: (() => void)[] = []

  constructor(folder?: string) {
    this.#database = folder === undefined ? new DatabaseSync(':memory:') : open(folder)
    this.#database.exec(schema)
    addColumns(this.#database)
    // The first write to a file waits for the disk: a start that changes nothing writes nothing.
    if (formatOf(this.#database) !== format) this.#database.exec(`PRAGMA user_version = ${format}`)
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql)
  }

  /** The rows of a query, each as the list of its columns; the statement is kept for the next time. */
  rows(sql: string, values: readonly SQLInputValue[]): SQLOutputValue[][] {
    let statement = this.#queries.get(sql)
    if (!statement) {
      statement = this.prepare(sql)
      statement.setReturnArrays(true)
      if (this.#queries.size >= mostQueries) this.#queries.clear()
      this.#queries.set(sql, statement)
    }
    return statement.all(...values) as unknown as SQLOutputValue[][]
  }

  /** Changes the tables; part of the turn's transaction. */
  exec(sql: string): void {
    this.begin()
    this.#database.exec(sql)
  }

  /** To be called before each write: all writes of one turn belong to one transaction. */
  begin(): void {
    this.#checkTransaction()
    if (this.#failure) throw this.#failure
    if (this.#inTransaction) return
    this.#run('BEGIN')
    this.#inTransaction = true
    setImmediate(() => this.commit())
  }

  /** Does something whole or not at all: what throws leaves nothing behind. */
  atomically<T>(work: () => T): T {
    this.begin()
    const name = `step${this.#depth++}`
    this.#run(`SAVEPOINT ${name}`)
    try {
      const result = work()
      this.#run(`RELEASE ${name}`)
      return result
    } catch (error) {
      this.#takeBack(name, error as Error)
      throw error
    } finally {
      this.#depth--
    }
  }

  /** Calls back after a transaction could not be committed: what memory has of it is wrong. */
  onRollback(work: () => void): void {
    this.#afterRollback.push(work)
  }

  /** Runs once, last in the transaction of this turn. */
  beforeCommit(work: () => void): void {
    this.#beforeCommit.add(work)
  }

  /** Calls back once everything that has happened so far is kept; with an error when it could not be. */
  afterCommit(callback: (error?: Error) => void): void {
    if (this.#inTransaction) this.#callbacks.push(callback)
    else callback()
  }

  commit(): void {
    if (!this.#inTransaction) return
    const callbacks = this.#callbacks
    this.#callbacks = []
    this.#checkTransaction()
    let failure = this.#failure
    try {
      if (!failure) {
        for (const work of this.#beforeCommit) work()
        this.#run('COMMIT')
      }
    } catch (error) {
      failure = error as Error
    }
    this.#beforeCommit.clear()
    this.#inTransaction = false
    this.#failure = undefined
    if (failure) this.#rollBack()
    for (const callback of callbacks) callback(failure)
  }

  /** On a full disk SQLite takes back the whole transaction by itself: what follows in this turn must not stand alone. */
  #checkTransaction(reason?: Error): void {
    if (this.#inTransaction && !this.#database.isTransaction)
      this.#failure ??= reason ?? new Error('The transaction was taken back.')
  }

  #rollBack(): void {
    if (this.#database.isTransaction) this.#run('ROLLBACK')
    for (const work of this.#afterRollback) work()
  }

  #takeBack(savepoint: string, reason: Error): void {
    this.#checkTransaction(reason)
    if (!this.#failure) this.#database.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`)
  }

  #run(sql: string): void {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.prepare(sql)
      this.#statements.set(sql, statement)
    }
    statement.run()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.commit()
    this.#database.close()
  }
}

function open(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'cosmos.db')
  const database = new DatabaseSync(file)
  try {
    // Exclusive: a second server on the same folder fails at start instead of spoiling the data of the first.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    database.exec('BEGIN IMMEDIATE; COMMIT')
  } catch (error) {
    database.close()
    const busy = /locked|busy/i.test((error as Error).message)
    throw new StoreError(
      busy
        ? `Another Cosmos DB uses the folder ${folder}. Stop it, or choose another folder.`
        : `${file} cannot be used: ${(error as Error).message}. Move it away to begin anew.`,
    )
  }
  const found = formatOf(database)
  if (found > format) {
    database.close()
    throw new StoreError(
      `${file} was written by a newer version (format ${found}; this one reads ${format}). Update, or choose another folder.`,
    )
  }
  return database
}

/** What earlier versions did not keep, and do not miss. */
function addColumns(database: DatabaseSync): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('container')").all()
  if (!columns.some(({ name }) => name === 'scales'))
    database.exec('ALTER TABLE container ADD COLUMN scales INTEGER NOT NULL DEFAULT 0')
}

const formatOf = (database: DatabaseSync) =>
  Number(database.prepare('PRAGMA user_version').get()?.user_version)
