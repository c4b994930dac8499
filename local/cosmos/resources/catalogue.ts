import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { conflict, notFound, ownerNotFound } from '../errors.ts'
import type { Json } from '../query/source.ts'
import { DocumentTable } from '../storage/documentTable.ts'
import type { Store } from '../storage/store.ts'
import { Container, type Offered } from './container.ts'
import { checkReplacement, readContainerDefinition, readId } from './definition.ts'
import { newContainerRid, newDatabaseRid, type Rid } from './rid.ts'

/** A database or container as it is answered. */
export type Resource = { readonly id: string; readonly _rid: Rid; readonly _etag: string } & {
  readonly [name: string]: Json
}

export interface Database {
  readonly number: number
  readonly resource: Resource
}

/** The databases and containers; kept in the store, with what is in use in memory. */
export class Catalogue {
  readonly #store: Store
  readonly #throughput: number | undefined
  readonly #containers = new Map<number, Container>()
  #databases: Database[] = []

  /** `throughput`: request units a second that each container has; undefined: without end. */
  constructor(store: Store, throughput?: number) {
    this.#store = store
    this.#throughput = throughput
    this.#read()
    store.onRollback(() => this.#read())
  }

  /** What is kept; after a transaction that could not be, also in the place of what it had made. */
  #read(): void {
    const store = this.#store
    this.#containers.clear()
    this.#databases = store
      .prepare('SELECT number, resource FROM database ORDER BY number')
      .all()
      .map((row) => ({ number: Number(row.number), resource: JSON.parse(String(row.resource)) }))
    for (const row of store.prepare('SELECT * FROM container ORDER BY number').all())
      this.#keep(Number(row.number), Number(row.database), row)
  }

  get databases(): readonly Resource[] {
    return this.#databases.map(({ resource }) => resource)
  }

  createDatabase(body: unknown): Resource {
    const id = readId((body as { id?: unknown } | null)?.id)
    if (this.#databases.some(({ resource }) => resource.id === id)) throw conflict()
    const rid = newDatabaseRid()
    const resource: Resource = {
      id,
      _rid: rid,
      _self: `dbs/${rid}/`,
      _etag: newEtag(),
      _colls: 'colls/',
      _users: 'users/',
      _ts: now(),
    }
    this.#store.begin()
    const { lastInsertRowid } = this.#store
      .prepare('INSERT INTO database (id, rid, resource) VALUES (?, ?, ?)')
      .run(id, rid, JSON.stringify(resource))
    this.#databases.push({ number: Number(lastInsertRowid), resource })
    return resource
  }

  /** By its id, or its resource id. */
  database(name: string): Database {
    const found =
      this.#databases.find(({ resource }) => resource.id === name) ??
      this.#databases.find(({ resource }) => resource._rid === name)
    if (!found) throw notFound()
    return found
  }

  removeDatabase(name: string): void {
    const { number } = this.database(name)
    for (const container of this.containersOf(number)) this.#remove(container)
    this.#store.prepare('DELETE FROM database WHERE number = ?').run(number)
    this.#databases.splice(
      this.#databases.findIndex((database) => database.number === number),
      1,
    )
  }

  containersOf(database: number): Container[] {
    return [...this.#containers.values()].filter((container) => container.database === database)
  }

  get containers(): readonly Container[] {
    return [...this.#containers.values()]
  }

  createContainer(databaseName: string, body: unknown, offered?: Offered): Container {
    const database = this.#owner(databaseName)
    const definition = readContainerDefinition(body)
    if (this.containersOf(database.number).some(({ id }) => id === definition.id)) throw conflict()
    const rid = newContainerRid(database.resource._rid)
    const created = now()
    const resource = {
      ...definition,
      _rid: rid,
      _ts: created,
      _self: `dbs/${database.resource._rid}/colls/${rid}/`,
      _etag: newEtag(),
      _docs: 'docs/',
      _sprocs: 'sprocs/',
      _triggers: 'triggers/',
      _udfs: 'udfs/',
      _conflicts: 'conflicts/',
    }
    const row = {
      resource: JSON.stringify(resource),
      throughput: offered?.throughput ?? null,
      scales: Number(offered?.scales ?? false),
      created,
      lsn: 0,
    }
    const number = this.#store.atomically(() => {
      const { lastInsertRowid } = this.#store
        .prepare(
          'INSERT INTO container (database, id, rid, resource, throughput, scales, created, lsn) VALUES (?, ?, ?, ?, ?, ?, ?, 0)',
        )
        .run(database.number, definition.id, rid, row.resource, row.throughput, row.scales, created)
      DocumentTable.create(this.#store, Number(lastInsertRowid))
      return Number(lastInsertRowid)
    })
    const container = this.#keep(number, database.number, row)
    container.makeIndexes()
    return container
  }

  container(databaseName: string, name: string): Container {
    const found = this.findContainer(databaseName, name)
    if (!found) throw notFound()
    return found
  }

  /** Of something within a container: 1003 says that it is the container that is missing. */
  ownerContainer(databaseName: string, name: string): Container {
    const found = this.findContainer(databaseName, name)
    if (!found) throw ownerNotFound()
    return found
  }

  findContainer(databaseName: string, name: string): Container | undefined {
    const all = this.containersOf(this.#owner(databaseName).number)
    return all.find(({ id }) => id === name) ?? all.find(({ resource }) => resource._rid === name)
  }

  /** The ids of what may be named by resource ids; what is not there keeps its name. */
  namesOf(database: string, container?: string): string[] {
    const found = this.#databases.find(({ resource: { id, _rid } }) => id === database || _rid === database)
    if (container === undefined) return [found?.resource.id ?? database]
    const inside = found && this.findContainer(database, container)
    return [found?.resource.id ?? database, inside?.id ?? container]
  }

  replaceContainer(databaseName: string, name: string, body: unknown): Container {
    const container = this.container(databaseName, name)
    const definition = readContainerDefinition(body)
    checkReplacement(container.resource, definition)
    const { defaultTtl: _, ...before } = container.resource
    container.replace({
      ...before,
      ...definition,
      partitionKey: container.resource.partitionKey,
      _etag: newEtag(),
      _ts: now(),
    })
    return container
  }

  /** Whether to replace the container by this definition would change nothing. */
  isDefinedAs(databaseName: string, name: string, body: unknown): boolean {
    const { resource } = this.container(databaseName, name)
    const { partitionKey, ...definition } = readContainerDefinition(body)
    checkReplacement(resource, { partitionKey, ...definition })
    return (
      definition.defaultTtl === resource.defaultTtl &&
      isDeepStrictEqual({ ...resource, ...definition }, resource)
    )
  }

  removeContainer(databaseName: string, name: string): void {
    this.#remove(this.container(databaseName, name))
  }

  #owner(name: string): Database {
    try {
      return this.database(name)
    } catch {
      throw ownerNotFound()
    }
  }

  #remove(container: Container): void {
    this.#containers.delete(container.number)
    container.table.drop()
    this.#store.prepare('DELETE FROM container WHERE number = ?').run(container.number)
  }

  #keep(number: number, database: number, row: Record<string, unknown>): Container {
    const container = new Container(this.#store, {
      number,
      database,
      resource: JSON.parse(String(row.resource)),
      created: Number(row.created),
      lsn: Number(row.lsn),
      offered:
        row.throughput === null
          ? undefined
          : { throughput: Number(row.throughput), scales: row.scales === 1 },
      throughput: this.#throughput,
    })
    this.#containers.set(number, container)
    return container
  }
}

const newEtag = () => `"${randomUUID()}"`
const now = () => Math.floor(Date.now() / 1000)
