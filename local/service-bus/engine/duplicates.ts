/** Remembers message ids for a window of time. A window of 0 remembers nothing. */
export class DuplicateHistory {
  #window: number
  readonly #until = new Map<string, number>()

  constructor(window: number) {
    this.#window = window
  }

  /** Changes the window for the ids to come. */
  configure(window: number): void {
    this.#window = window
    if (window === 0) this.clear()
  }

  clear(): void {
    this.#until.clear()
  }

  /** Whether the id was seen within the window; an id that was not is remembered from `now` on. */
  isDuplicate(messageId: string, now: number): boolean {
    if (this.#window === 0) return false
    for (const [id, until] of this.#until) {
      if (until > now) break
      this.#until.delete(id)
    }
    if ((this.#until.get(messageId) ?? 0) > now) return true
    // At the end, where the ids that are remembered longest stand.
    this.#until.delete(messageId)
    this.#until.set(messageId, now + this.#window)
    return false
  }

  /** The moment until which the id is remembered, if it is. */
  rememberedUntil(messageId: string): number | undefined {
    return this.#until.get(messageId)
  }

  restore(seen: Iterable<readonly [messageId: string, until: number]>): void {
    for (const [id, until] of seen) this.#until.set(id, until)
  }
}
