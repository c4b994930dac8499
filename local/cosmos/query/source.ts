/**
 * The seam between the queries and what keeps the documents. The queries do no input or output: they read a `Source`,
 * in order, and say how far they came.
 */

/** Any value of JSON. `undefined` is no JSON: it stands for a property that is not there. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** A stored document with its system properties (`_rid`, `_ts`, `_etag` …). Nobody may change it. */
export type Document = { readonly [name: string]: Json }

/**
 * A path into a document as an indexing policy writes it, without its ending `/?` or `/*`: `/state`, `/address/city`,
 * `/"first name"`. `path.ts` reads and writes it. It never goes through arrays.
 */
export type Path = string

/** An index that exists or can be made at once: every document is in it once, also when it lacks the paths. */
export interface Index {
  /** Names the index for good: a continuation token holds it. */
  readonly name: string
  readonly paths: readonly Path[]
  /** As many as `paths`. The key of a document is `encodeKey` of its values at the paths, in these orders. */
  readonly orders: readonly ('asc' | 'desc')[]
}

/** Where a document stands in the order of an index. */
export interface Position {
  /** The document's encoded key; empty in the order of the documents themselves. */
  readonly key: Uint8Array
  /** The document's number: unique within the container, growing, never used again. */
  readonly rid: number
}

export interface ScanRequest {
  /** The name of an index; null: all documents in the order of their numbers. */
  readonly index: string | null
  /** The least key, compared as bytes; a prefix of a key stands before it. */
  readonly from?: Uint8Array
  /** The first key that is beyond the end, compared as bytes. */
  readonly to?: Uint8Array
  /** From the greatest (key, rid) to the least. `from` and `to` keep their meaning. */
  readonly reverse: boolean
  /** In the order of the numbers, though an index is read: `after` then is a number, and keys are empty. */
  readonly byNumber?: boolean
  /** Begins behind this position (before it, if `reverse`), whether or not its document is still there. */
  readonly after?: Position
}

export interface Row {
  readonly document: Document
  readonly position: Position
  /** The size of the document's text in UTF-8, for the request charge. */
  readonly bytes: number
}

/** What a query reads from: one container, or one partition of it. */
export interface Source {
  /** The composite indexes of the policy. */
  readonly compositeIndexes: readonly Index[]
  /**
   * The ascending index of this single path; undefined if the policy excludes the path. It may be made when it is first
   * asked for. `id` and `_ts` are always indexed where the indexing mode is "consistent", as in Azure.
   */
  indexOf(path: Path): Index | undefined
  /**
   * The number of documents (within bounds on an index's key, if given), counted no further than to `limit`: to choose
   * among indexes. With a handful of documents (one partition of many) they are read and sorted, and no index is touched.
   */
  count(limit: number, within?: Pick<ScanRequest, 'index' | 'from' | 'to'>): number
  /** Rows in the order of (key, rid), read one by one: who stops early pays no more. */
  scan(request: ScanRequest): Iterable<Row>
}

/** The body of a query request. */
export interface QuerySpec {
  readonly query: string
  readonly parameters?: readonly { readonly name: string; readonly value: Json }[]
}

export interface QueryOptions {
  /** The most results of a page; default 100, and no more than 1,000. A page also ends at 4 MB. */
  readonly maxItemCount?: number
  /** The token that an earlier page of the same query ended with. It stays good over restarts and writes. */
  readonly continuation?: string
  /** What the query is asked of, such as a container's resource id: a token of another one is refused. */
  readonly owner?: string
  /** The time for GetCurrentDateTime and the like, in ms since the epoch; default: now. */
  readonly now?: number
}

/** One page of a query's answer. */
export interface QueryPage {
  readonly results: Json[]
  /** Given when there may be more. */
  readonly continuation?: string
  readonly facts: QueryFacts
}

/** What the page cost to find: for the request charge and the query metrics. */
export interface QueryFacts {
  readonly documentsRead: number
  readonly bytesRead: number
  /** The name of the index that was read; null if documents were read one after the other. */
  readonly index: string | null
  /** The number of index ranges that were looked up. */
  readonly lookups: number
}
