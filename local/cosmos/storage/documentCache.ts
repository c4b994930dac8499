import type { Document } from '../query/source.ts'

/** A document as it is kept and as it is read. */
export interface Parsed {
  /** Nobody may change it: others read the same. */
  readonly document: Document
  readonly text: string
  /** Of the text, in bytes of UTF-8. */
  readonly size: number
}

/** How much text the documents of one container may have that stay parsed, in bytes: some 35,000 orders. */
const most = 16 * 1024 * 1024

/** The documents of a container that were read last, parsed. */
export class DocumentCache {
  /** By document number; the one that was used longest ago comes first. */
  readonly #entries = new Map<number, Parsed>()
  /** Written in this transaction, which may yet be taken back: not kept until it is over. */
  readonly #unsettled = new Set<number>()
  readonly #texts = new WeakMap<object, string>()
  #size = 0

  /** `read` is asked where the document is not here. */
  get(number: number, read: () => { readonly text: string; readonly size: number }): Parsed {
    const found = this.#entries.get(number)
    if (found) {
      this.#entries.delete(number)
      this.#entries.set(number, found)
      return found
    }
    const { text, size } = read()
    const parsed: Parsed = { document: JSON.parse(text), text, size }
    this.#texts.set(parsed.document, text)
    if (this.#unsettled.has(number)) return parsed
    this.#entries.set(number, parsed)
    this.#size += size
    this.#shrink()
    return parsed
  }

  /** The text of a document that came from here; undefined for any other value. */
  textOf(document: object): string | undefined {
    return this.#texts.get(document)
  }

  /** To be called with each write of a document. */
  written(number: number): void {
    this.#unsettled.add(number)
    this.#forget(number)
  }

  /** To be called at the end of the transaction. */
  settle(): void {
    this.#unsettled.clear()
  }

  #forget(number: number): void {
    this.#size -= this.#entries.get(number)?.size ?? 0
    this.#entries.delete(number)
  }

  #shrink(): void {
    for (const number of this.#entries.keys()) {
      if (this.#size <= most) return
      this.#forget(number)
    }
  }
}
