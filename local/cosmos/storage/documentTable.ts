import type { StatementSync } from 'node:sqlite'
import { encodeKey } from '../query/encodeKey.ts'
import { namesOf, valueAt } from '../query/path.ts'
import type { Document, Index } from '../query/source.ts'
import { DocumentCache, type Parsed } from './documentCache.ts'
import type { Store } from './store.ts'

/** A document as it is kept. */
export interface Stored {
  /** Unique within the container, growing, never used again. */
  readonly number: number
  readonly partition: Uint8Array
  readonly id: string
  /** The number of the write that left it: the order of the change feed. */
  readonly lsn: number
  /** Seconds since the epoch. */
  readonly ts: number
  readonly etag: string
  /** The document's own time to live, in seconds; -1: for ever; null: the container's. */
  readonly ttl: number | null
  /** Seconds since the epoch; null: never. */
  readonly expires: number | null
  /** JSON with the system properties, as it is answered. */
  readonly text: string
  /** Of the text, in bytes of UTF-8. */
  readonly size: number
}

interface KeptIndex extends Index {
  readonly number: number
  /** The property names of each path. */
  readonly names: readonly (readonly string[])[]
  readonly insert: StatementSync
  readonly remove: StatementSync
}

const columns = 'number, partition, id, lsn, ts, etag, ttl, expires, text, size'

/** The documents of one container and the indexes over them, in tables of their own. */
export class DocumentTable {
  readonly store: Store
  /** The number of the container. */
  readonly container: number
  readonly #name: string
  readonly #statements: ReturnType<typeof prepare>
  readonly #indexes = new Map<string, KeptIndex>()
  readonly #uniqueKeys: readonly (readonly string[])[]
  readonly #keepLsn: () => void
  readonly #cache = new DocumentCache()
  #lsn: number
  /** No document expires before; in seconds since the epoch. */
  #nextExpiry: number

  constructor(store: Store, container: number, lsn: number, uniqueKeys: readonly (readonly string[])[]) {
    this.store = store
    this.container = container
    this.#name = `document_${container}`
    this.#lsn = lsn
    this.#uniqueKeys = uniqueKeys
    this.#statements = prepare(store, container)
    const update = store.prepare('UPDATE container SET lsn = ? WHERE number = ?')
    this.#keepLsn = () => {
      update.run(this.#lsn, container)
      this.#cache.settle()
    }
    this.#nextExpiry = this.#firstExpiry()
    const indexes = store.prepare('SELECT number, name, paths, orders FROM path_index WHERE container = ?')
    for (const row of indexes.all(container)) {
      this.#keep({
        number: Number(row.number),
        name: String(row.name),
        paths: JSON.parse(String(row.paths)),
        orders: JSON.parse(String(row.orders)),
      })
    }
  }

  static create(store: Store, container: number): void {
    store.exec(`
      CREATE TABLE document_${container} (
        number INTEGER PRIMARY KEY,
        partition BLOB NOT NULL,
        id TEXT NOT NULL,
        lsn INTEGER NOT NULL,
        ts INTEGER NOT NULL,
        etag TEXT NOT NULL,
        ttl INTEGER,
        expires INTEGER,
        text TEXT NOT NULL,
        size INTEGER NOT NULL
      );
      CREATE UNIQUE INDEX id_${container} ON document_${container} (partition, id);
      CREATE UNIQUE INDEX lsn_${container} ON document_${container} (lsn);
      CREATE INDEX expires_${container} ON document_${container} (expires) WHERE expires IS NOT NULL;
      CREATE TABLE unique_${container} (key BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
    `)
  }

  drop(): void {
    for (const name of [...this.#indexes.keys()]) this.dropIndex(name)
    this.store.exec(`DROP TABLE document_${this.container}; DROP TABLE unique_${this.container}`)
  }

  /** The number of the last write. */
  get lsn(): number {
    return this.#lsn
  }

  /** A number for the next write; it also numbers the document that the write makes. */
  nextLsn(): number {
    this.store.begin()
    this.store.beforeCommit(this.#keepLsn)
    return ++this.#lsn
  }

  find(partition: Uint8Array, id: string): Stored | undefined {
    return this.#statements.find.get(partition, id) as unknown as Stored | undefined
  }

  get(number: number): Stored | undefined {
    return this.#statements.get.get(number) as unknown as Stored | undefined
  }

  /** Documents in the order of their last write, from behind `lsn` on. */
  changesAfter(lsn: number): Iterable<Stored> {
    // A statement of its own: another reader may be half-way.
    const sql = `SELECT ${columns} FROM ${this.#name} WHERE lsn > ? ORDER BY lsn`
    return this.store.prepare(sql).iterate(lsn) as unknown as Iterable<Stored>
  }

  /** At most so many documents whose time is over. Costs nothing until there are some. */
  expired(now: number, limit: number): Stored[] {
    if (now < this.#nextExpiry) return []
    const found = this.#statements.expired.all(now, limit) as unknown as Stored[]
    if (found.length === 0) this.#nextExpiry = this.#firstExpiry()
    return found
  }

  /** The document of a row. Nobody may change it: others read the same. */
  documentOf(stored: Stored): Document {
    return this.#cache.get(stored.number, () => stored).document
  }

  /** The document of a number that is known to be there. */
  parsed(number: number): Parsed {
    return this.#cache.get(number, () => this.#statements.text.get(number) as { text: string; size: number })
  }

  /** The text of a document that one of these methods answered; undefined for any other value. */
  textOf(document: object): string | undefined {
    return this.#cache.textOf(document)
  }

  /** Writes a document in the place of an earlier one, if there is one. False: a unique key is taken. */
  write(stored: Stored, document: Document, earlier?: { stored: Stored; document: Document }): boolean {
    this.#begin(stored.number)
    if (!this.#claimUniqueKeys(stored, document, earlier?.document)) return false
    const { number, partition, id, lsn, ts, etag, ttl, expires, text, size } = stored
    if (earlier) this.#statements.update.run(lsn, ts, etag, ttl, expires, text, size, number)
    else this.#statements.insert.run(number, partition, id, lsn, ts, etag, ttl, expires, text, size)
    if (expires !== null && expires < this.#nextExpiry) this.#nextExpiry = expires
    for (const index of this.#indexes.values()) {
      const key = keyOf(index, document)
      if (earlier) {
        const before = keyOf(index, earlier.document)
        if (Buffer.compare(before, key) === 0) continue
        index.remove.run(before, number)
      }
      index.insert.run(key, number)
    }
    return true
  }

  remove(stored: Stored, document: Document): void {
    this.#begin(stored.number)
    this.#statements.remove.run(stored.number)
    for (const key of this.#uniqueKeysOf(stored.partition, document))
      this.#statements.releaseKey.run(key, stored.number)
    for (const index of this.#indexes.values()) index.remove.run(keyOf(index, document), stored.number)
  }

  /** After the container's time to live has changed; undefined: it has none, and nothing expires. */
  setDefaultTtl(ttl: number | undefined): void {
    this.store.begin()
    const own = 'CASE WHEN ttl = -1 THEN NULL WHEN ttl IS NOT NULL THEN ts + ttl'
    const value =
      ttl === undefined
        ? 'NULL'
        : ttl === -1
          ? `${own} ELSE NULL END`
          : `${own} ELSE ts + ${Math.trunc(ttl)} END`
    this.store.prepare(`UPDATE ${this.#name} SET expires = ${value}`).run()
    this.#nextExpiry = this.#firstExpiry()
  }

  get indexes(): readonly Index[] {
    return [...this.#indexes.values()]
  }

  index(name: string): Index | undefined {
    return this.#indexes.get(name)
  }

  /** Makes an index over what is there; each later write keeps it. */
  createIndex(index: Index): void {
    const numbers = [...this.#indexes.values()].map(({ number }) => number)
    const number = Math.max(0, ...numbers) + 1
    this.store.atomically(() => {
      this.store.exec(`CREATE TABLE ${this.indexTable(number)} (
        key BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (key, number)
      ) WITHOUT ROWID`)
      this.store
        .prepare('INSERT INTO path_index (container, number, name, paths, orders) VALUES (?, ?, ?, ?, ?)')
        .run(this.container, number, index.name, JSON.stringify(index.paths), JSON.stringify(index.orders))
      const kept = this.#keep({ ...index, number })
      for (const row of this.store.prepare(`SELECT number, text FROM ${this.#name}`).iterate())
        kept.insert.run(keyOf(kept, JSON.parse(String(row.text))), Number(row.number))
    })
  }

  dropIndex(name: string): void {
    const index = this.#indexes.get(name)
    if (!index) return
    this.#indexes.delete(name)
    this.store.exec(`DROP TABLE ${this.indexTable(index.number)}`)
    this.store
      .prepare('DELETE FROM path_index WHERE container = ? AND number = ?')
      .run(this.container, index.number)
  }

  /** The table of an index: keys and document numbers. */
  indexTable(number: number): string {
    return `index_${this.container}_${number}`
  }

  tableOf(index: string): string {
    const kept = this.#indexes.get(index)
    if (!kept) throw new Error(`There is no index ${index}.`)
    return this.indexTable(kept.number)
  }

  get table(): string {
    return this.#name
  }

  #keep(index: Index & { number: number }): KeptIndex {
    const table = this.indexTable(index.number)
    const kept = {
      ...index,
      names: index.paths.map(namesOf),
      insert: this.store.prepare(`INSERT INTO ${table} (key, number) VALUES (?, ?)`),
      remove: this.store.prepare(`DELETE FROM ${table} WHERE key = ? AND number = ?`),
    }
    this.#indexes.set(index.name, kept)
    return kept
  }

  #begin(number: number): void {
    this.store.begin()
    this.store.beforeCommit(this.#keepLsn)
    this.#cache.written(number)
  }

  #firstExpiry(): number {
    const { first } = this.#statements.firstExpiry.get() as { first: number | null }
    return first ?? Number.POSITIVE_INFINITY
  }

  #claimUniqueKeys(stored: Stored, document: Document, earlier: Document | undefined): boolean {
    if (this.#uniqueKeys.length === 0) return true
    const keys = this.#uniqueKeysOf(stored.partition, document)
    for (const key of keys) {
      const owner = this.#statements.keyOwner.get(key)
      if (owner && Number(owner.number) !== stored.number) return false
    }
    const before = earlier ? this.#uniqueKeysOf(stored.partition, earlier) : []
    for (const key of before) this.#statements.releaseKey.run(key, stored.number)
    for (const key of keys) this.#statements.claimKey.run(key, stored.number)
    return true
  }

  /** Unique keys hold within one partition; what is not there counts as null ("Unique key constraints": none are sparse). */
  #uniqueKeysOf(partition: Uint8Array, document: Document): Uint8Array[] {
    return this.#uniqueKeys.map((paths, i) => {
      const values = encodeKey([i, ...paths.map((path) => valueAt(document, namesOf(path)) ?? null)])
      return Buffer.concat([partition, values])
    })
  }
}

const keyOf = ({ names, orders }: KeptIndex, document: Document) =>
  encodeKey(
    names.map((path) => valueAt(document, path)),
    orders,
  )

function prepare(store: Store, container: number) {
  const table = `document_${container}`
  return {
    find: store.prepare(`SELECT ${columns} FROM ${table} WHERE partition = ? AND id = ?`),
    get: store.prepare(`SELECT ${columns} FROM ${table} WHERE number = ?`),
    text: store.prepare(`SELECT text, size FROM ${table} WHERE number = ?`),
    firstExpiry: store.prepare(`SELECT min(expires) AS first FROM ${table} WHERE expires IS NOT NULL`),
    expired: store.prepare(`SELECT ${columns} FROM ${table} WHERE expires <= ? LIMIT ?`),
    insert: store.prepare(`INSERT INTO ${table} (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    update: store.prepare(
      `UPDATE ${table} SET lsn = ?, ts = ?, etag = ?, ttl = ?, expires = ?, text = ?, size = ? WHERE number = ?`,
    ),
    remove: store.prepare(`DELETE FROM ${table} WHERE number = ?`),
    keyOwner: store.prepare(`SELECT number FROM unique_${container} WHERE key = ?`),
    claimKey: store.prepare(`INSERT INTO unique_${container} (key, number) VALUES (?, ?)`),
    releaseKey: store.prepare(`DELETE FROM unique_${container} WHERE key = ? AND number = ?`),
  }
}
