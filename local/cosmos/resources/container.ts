import { Throughput } from '../charges/throughput.ts'
import { type ContainerFacts, Documents } from '../documents/documents.ts'
import { type Document, namesOf, pathOf, type Source } from '../query/index.ts'
import { DocumentTable } from '../storage/documentTable.ts'
import type { Store } from '../storage/store.ts'
import { type Restriction, TableSource } from '../storage/tableSource.ts'
import { type ContainerDefinition, compositeIndexesOf, namedPathsOf } from './definition.ts'
import { indexEntryCounter } from './indexEntries.ts'
import { isPathIndexed } from './indexingPolicy.ts'
import { partitionHash } from './partitionHash.ts'
import { encodePartitionKey, type PartitionKey, partitionKeyOf } from './partitionKey.ts'

/** A container's definition with its system properties, as it is answered. */
export type ContainerResource = ContainerDefinition & {
  readonly _rid: string
  readonly _ts: number
  readonly _self: string
  readonly _etag: string
}

/** Which documents of a container a request is about; all, if it says nothing. */
export interface Part {
  /** The values of the partition key, or the first ones of a hierarchical key. */
  readonly key?: PartitionKey | undefined
  /** A range of partition hashes: from the first, before the second. */
  readonly hashes?: { readonly from: string; readonly to: string } | undefined
}

/** A throughput in request units a second: a fixed one, or the most of one that scales by itself. */
export interface Offered {
  readonly throughput: number
  readonly scales: boolean
}

interface Kept {
  readonly number: number
  readonly database: number
  readonly resource: ContainerResource
  /** Seconds since the epoch. */
  readonly created: number
  readonly lsn: number
  /** The throughput that it was made with: answered, not enforced. */
  readonly offered: Offered | undefined
  /** The throughput that is enforced. */
  readonly throughput: number | undefined
}

/** A container in use: its definition, and its documents. */
export class Container {
  readonly number: number
  readonly database: number
  readonly documents: Documents
  readonly table: DocumentTable
  readonly throughput: Throughput | undefined
  readonly #store: Store
  readonly #created: number
  #resource: ContainerResource
  #facts: ContainerFacts
  #offered: Offered | undefined

  constructor(store: Store, { number, database, resource, created, lsn, offered, throughput }: Kept) {
    this.#store = store
    this.number = number
    this.database = database
    this.#offered = offered
    this.#created = created
    this.#resource = resource
    this.throughput = throughput === undefined ? undefined : new Throughput(throughput, Date.now())
    const uniqueKeys = resource.uniqueKeyPolicy.uniqueKeys.map(({ paths }) => paths)
    this.table = new DocumentTable(store, number, lsn, uniqueKeys)
    this.#facts = factsOf(resource)
    this.documents = new Documents(this.table, () => this.#facts)
  }

  get id(): string {
    return this.#resource.id
  }

  get resource(): ContainerResource {
    return this.#resource
  }

  get offered(): Offered | undefined {
    return this.#offered
  }

  /** Answers this throughput from now on. */
  offer(offered: Offered): void {
    this.#offered = offered
    this.#store.begin()
    this.#store
      .prepare('UPDATE container SET throughput = ?, scales = ? WHERE number = ?')
      .run(offered.throughput, Number(offered.scales), this.number)
  }

  /**
   * Stands for the partition's version: what a client remembers of an earlier container of the same name does not count, nor
   * of one in another folder. Numbers tell those apart that were made in one second.
   */
  get #version(): number {
    return this.#created * 1000 + (this.number % 1000)
  }

  /** Tells a client how far it has seen this container. */
  get sessionToken(): string {
    return `0:${this.#version}#${this.table.lsn}`
  }

  /** Whether a client with this session token has seen writes that are not here. */
  isBehind(token: string): boolean {
    const [version, lsn] = (token.split(',')[0]?.split(':').at(-1) ?? '').split('#')
    return Number(version) === this.#version && Number(lsn) > this.table.lsn
  }

  replace(resource: ContainerResource): void {
    const ttlChanges = resource.defaultTtl !== this.#resource.defaultTtl
    this.#resource = resource
    this.#facts = factsOf(resource)
    this.#store.begin()
    this.#store
      .prepare('UPDATE container SET resource = ? WHERE number = ?')
      .run(JSON.stringify(resource), this.number)
    if (ttlChanges) this.table.setDefaultTtl(resource.defaultTtl)
    this.makeIndexes()
  }

  /** Makes the indexes that the policy names, and drops those that it does not let be. */
  makeIndexes(): void {
    const policy = this.#resource.indexingPolicy
    const composites = policy.indexingMode === 'none' ? [] : compositeIndexesOf(policy)
    for (const { name, paths } of this.table.indexes) {
      const stays =
        paths.length > 1 ? composites.some((index) => index.name === name) : isPathIndexed(policy, name)
      if (!stays) this.table.dropIndex(name)
    }
    const changed = policy.indexingMode === 'none' ? [] : ['/_ts']
    const singles = [...new Set([...namedPathsOf(policy), ...changed])].map((path) => ({
      name: path,
      paths: [path],
      orders: ['asc' as const],
    }))
    for (const index of [...singles, ...composites])
      if (!this.table.index(index.name)) this.table.createIndex(index)
  }

  /** What a query over a part of the container reads. */
  source(part: Part = {}): Source {
    const policy = this.#resource.indexingPolicy
    const composites = policy.indexingMode === 'none' ? [] : compositeIndexesOf(policy)
    const isIndexed = (path: string) => isPathIndexed(policy, pathOf(namesOf(path)))
    return new TableSource(this.table, { composites, isIndexed }, this.restrictionOf(part))
  }

  restrictionOf({ key, hashes }: Part): Restriction {
    return {
      ...(key && { partition: encodePartitionKey(key) }),
      ...(hashes && { holds: (document) => this.#isWithin(document, hashes) }),
    }
  }

  #isWithin(document: Document, { from, to }: { from: string; to: string }): boolean {
    const { partitionKey } = this.#resource
    const hash = partitionHash(partitionKeyOf(document, partitionKey), partitionKey.kind)
    return hash >= from && hash < to
  }
}

const factsOf = ({
  _rid,
  _self,
  partitionKey,
  defaultTtl,
  indexingPolicy,
}: ContainerResource): ContainerFacts => ({
  rid: _rid,
  self: _self,
  partitionKey,
  defaultTtl,
  countIndexEntries: indexEntryCounter(indexingPolicy),
})
