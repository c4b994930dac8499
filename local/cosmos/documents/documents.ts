import { charges } from '../charges/charges.ts'
import { badRequest, CosmosError, conflict, notFound, preconditionFailed } from '../errors.ts'
import { compileCondition, type Document, namesOf } from '../query/index.ts'
import {
  encodePartitionKey,
  type PartitionKey,
  type PartitionKeyDefinition,
  partitionKeyOf,
} from '../resources/partitionKey.ts'
import { documentRid } from '../resources/rid.ts'
import type { DocumentTable, Stored } from '../storage/documentTable.ts'
import { readDocument } from './body.ts'
import { applyPatch, readPatch } from './patch.ts'
import { checkRead, checkWrite, type Preconditions } from './preconditions.ts'

/** What the documents of a container need to know of it. */
export interface ContainerFacts {
  readonly rid: string
  /** The address of the container in resource ids, with a slash at its end. */
  readonly self: string
  readonly partitionKey: PartitionKeyDefinition
  /** How many index entries a document makes by the policy: for the charge of a write. */
  readonly countIndexEntries: (document: Document) => number
  /** In seconds; -1: none but a document's own; undefined: nothing expires. */
  readonly defaultTtl: number | undefined
}

/** What an operation answers. */
export interface Answer {
  readonly status: number
  /** The document; a delete has none. */
  readonly text?: string
  readonly etag?: string
  /** In request units. */
  readonly charge: number
}

/** The most that a document may take as stored, in bytes. */
const largest = 2 * 1024 * 1024

/** The documents of one container, by the rules of the service. Every method throws `CosmosError`. */
export class Documents {
  readonly #table: DocumentTable
  readonly #facts: () => ContainerFacts

  constructor(table: DocumentTable, facts: () => ContainerFacts) {
    this.#table = table
    this.#facts = facts
  }

  read(key: PartitionKey, id: string, preconditions: Preconditions = {}): Answer {
    const stored = this.#table.find(this.#encoded(key), id)
    if (!stored) throw notFound()
    const charge = charges.read(stored.size)
    checkRead(preconditions, stored.etag, charge)
    return { status: 200, text: stored.text, etag: stored.etag, charge }
  }

  /** Creates a document; `upsert` replaces the one that is there. */
  create(key: PartitionKey, body: unknown, preconditions: Preconditions = {}, upsert = false): Answer {
    const document = readDocument(body)
    const partition = this.#partitionOf(document, key)
    const earlier = this.#table.find(partition, document.id)
    if (earlier && !upsert) throw conflict()
    if (earlier) {
      checkWrite(preconditions, earlier.etag)
      return this.#write(document, partition, earlier)
    }
    return this.#write(document, partition)
  }

  replace(key: PartitionKey, id: string, body: unknown, preconditions: Preconditions = {}): Answer {
    const document = readDocument(body)
    if (document.id !== id)
      throw badRequest(`The id of the document, '${document.id}', is not the one of its address, '${id}'.`)
    const partition = this.#partitionOf(document, key)
    const earlier = this.#table.find(partition, id)
    if (!earlier) throw notFound()
    checkWrite(preconditions, earlier.etag)
    return this.#write(document, partition, earlier)
  }

  patch(key: PartitionKey, id: string, body: unknown, preconditions: Preconditions = {}): Answer {
    const { partitionKey } = this.#facts()
    const patch = readPatch(body, partitionKey.paths.map(namesOf))
    const holds = patch.condition === undefined ? undefined : compileCondition(patch.condition)
    const partition = this.#encoded(key)
    const earlier = this.#table.find(partition, id)
    if (!earlier) throw notFound()
    checkWrite(preconditions, earlier.etag)
    const before = this.#table.documentOf(earlier)
    if (holds && !holds(before)) throw preconditionFailed()
    const after = applyPatch(JSON.parse(earlier.text), patch)
    return this.#write(readDocument(after), partition, earlier, before)
  }

  remove(key: PartitionKey, id: string, preconditions: Preconditions = {}): Answer {
    const stored = this.#table.find(this.#encoded(key), id)
    if (!stored) throw notFound()
    checkWrite(preconditions, stored.etag)
    const document = this.#table.documentOf(stored)
    const charge = charges.remove(stored.size, this.#facts().countIndexEntries(document))
    this.#table.nextLsn()
    this.#table.remove(stored, document)
    return { status: 204, charge }
  }

  /** Removes what has outlived its time. */
  purge(): void {
    if (this.#facts().defaultTtl === undefined) return
    for (;;) {
      const expired = this.#table.expired(now(), 500)
      for (const stored of expired) this.#table.remove(stored, this.#table.documentOf(stored))
      if (expired.length < 500) return
    }
  }

  #write(
    document: Document & { id: string },
    partition: Uint8Array,
    earlier?: Stored,
    before?: Document,
  ): Answer {
    const { rid, self, defaultTtl, countIndexEntries } = this.#facts()
    const lsn = this.#table.nextLsn()
    const number = earlier?.number ?? lsn
    const own = documentRid(rid, number)
    const ts = now()
    const etag = etagOf(rid, lsn)
    const kept: Document = {
      ...document,
      _rid: own,
      _self: `${self}docs/${own}/`,
      _etag: etag,
      _attachments: 'attachments/',
      _ts: ts,
    }
    const text = JSON.stringify(kept)
    const size = Buffer.byteLength(text)
    if (size > largest) throw new CosmosError(413, 'Request size is too large: a document has at most 2 MB.')
    const ttl = typeof document.ttl === 'number' ? document.ttl : null
    const expires = expiryOf(ts, ttl, defaultTtl)
    const { id } = document
    const stored = { number, partition, id, lsn, ts, etag, ttl, expires, text, size }
    const replaced = earlier && { stored: earlier, document: before ?? this.#table.documentOf(earlier) }
    if (!this.#table.write(stored, kept, replaced))
      throw conflict('Unique index constraint violation: another document of the partition has these values.')
    const indexed = countIndexEntries(kept)
    const charge = earlier
      ? charges.replace(Math.max(size, earlier.size), indexed)
      : charges.insert(size, indexed)
    return { status: earlier ? 200 : 201, text, etag, charge }
  }

  #encoded(key: PartitionKey): Uint8Array {
    const { paths } = this.#facts().partitionKey
    if (key.length !== paths.length)
      throw badRequest(
        `Partition key provided either doesn't correspond to definition in the collection or doesn't match partition key field values specified in the document: it has ${key.length} of ${paths.length} values.`,
        1001,
      )
    return encodePartitionKey(key)
  }

  /** The partition that the document says itself, which must be the one of the request. */
  #partitionOf(document: Document, key: PartitionKey): Uint8Array {
    const own = encodePartitionKey(partitionKeyOf(document, this.#facts().partitionKey))
    if (Buffer.compare(own, this.#encoded(key)) !== 0)
      throw badRequest(
        "PartitionKey extracted from document doesn't match the one specified in the header",
        1001,
      )
    return own
  }
}

const now = () => Math.floor(Date.now() / 1000)

/** Quoted, as in the header; another one for each write, also of a container that was made anew. */
function etagOf(container: string, lsn: number): string {
  const unique = Buffer.from(container.replaceAll('-', '/'), 'base64').toString('hex').padEnd(16, '0')
  const count = lsn.toString(16).padStart(16, '0')
  return `"${unique.slice(0, 8)}-${unique.slice(8, 12)}-${unique.slice(12, 16)}-${count.slice(0, 4)}-${count.slice(4)}"`
}

function expiryOf(ts: number, ttl: number | null, defaultTtl: number | undefined): number | null {
  if (defaultTtl === undefined) return null
  const seconds = ttl ?? defaultTtl
  return seconds === -1 ? null : ts + seconds
}
