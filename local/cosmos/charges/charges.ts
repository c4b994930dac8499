/**
 * Request units by Microsoft's published figures ("Optimize request cost in Azure Cosmos DB"): a point read of 1 KB costs 1,
 * of 100 KB 10; an insert of 1 KB that nothing indexes 5.5, and a little for each indexed property; a replace is twice an
 * insert. Between the published sizes the model is linear. Queries are not published: their cost here is the README's model.
 */
import type { QueryFacts } from '../query/source.ts'

/** 1 for 1 KB, 10 for 100 KB. */
const sizeFactor = (bytes: number) => 1 + (Math.max(0, bytes / 1024 - 1) * 9) / 99

const insert = 5.5
/** Of an index: ours, for none is published. */
const indexEntry = 0.1

const written = (bytes: number, indexed: number) => insert * sizeFactor(bytes) + indexEntry * indexed

export const charges = {
  read: (bytes: number) => round(sizeFactor(bytes)),
  /** What is not there costs a read of the smallest size. */
  miss: 1,
  insert: (bytes: number, indexed: number) => round(written(bytes, indexed)),
  /** The old document is removed, the new one inserted. A patch is no cheaper. */
  replace: (bytes: number, indexed: number) => round(2 * written(bytes, indexed)),
  remove: (bytes: number, indexed: number) => round(written(bytes, indexed)),
  query: ({ documentsRead, bytesRead, lookups }: QueryFacts) =>
    round(2.3 + 0.5 * Math.max(1, lookups) + 0.05 * documentsRead + (0.25 * bytesRead) / 1024),
  changes: (bytes: number) => round(1 + (0.25 * bytes) / 1024),
  /** Databases and containers. */
  resource: 1,
} as const

function round(charge: number): number {
  return Math.round(charge * 100) / 100
}
