import type { Document } from '../query/source.ts'

interface Entry {
  readonly lsn: number
  readonly document: Document
  readonly size: number
}

/** How much text the documents of one container may have that stay parsed, in bytes: some 35,000 orders. */
const most = 16 * 1024 * 1024

/**
 * The documents of a container that were read last, parsed. An entry holds for one write (`lsn`) only, so that nothing has
 * to be taken back here when a write is.
 */
export class DocumentCache {
  /** By document number; the one that was used longest ago comes first. */
  readonly #entries = new Map<number, Entry>()
  readonly #texts = new WeakMap<Document, string>()
  #size = 0

  /** The document as that write left it; `text` is asked for where it is not here. */
  get(number: number, lsn: number, text: () => string): Document {
    const found = this.#entries.get(number)
    if (found) this.#entries.delete(number)
    if (found?.lsn === lsn) {
      this.#entries.set(number, found)
      return found.document
    }
    if (found) this.#size -= found.size
    const read = text()
    const document = JSON.parse(read) as Document
    this.#texts.set(document, read)
    this.#entries.set(number, { lsn, document, size: read.length })
    this.#size += read.length
    this.#shrink()
    return document
  }

  /** The text of a document that came from here; undefined for any other value. */
  textOf(document: object): string | undefined {
    return this.#texts.get(document as Document)
  }

  forget(number: number): void {
    this.#size -= this.#entries.get(number)?.size ?? 0
    this.#entries.delete(number)
  }

  #shrink(): void {
    for (const [number, { size }] of this.#entries) {
      if (this.#size <= most) return
      this.#entries.delete(number)
      this.#size -= size
    }
  }
}
