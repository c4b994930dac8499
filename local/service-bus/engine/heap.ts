/**
 * A binary min-heap of numbers, each with an optional payload number: the broker's order of delivery and its agenda. What
 * has the same key comes out in the order of the payloads.
 */
export class MinHeap {
  readonly #keys: number[] = []
  readonly #values: number[] = []

  get size(): number {
    return this.#keys.length
  }

  /** The smallest key, or undefined when empty. */
  peek(): number | undefined {
    return this.#keys[0]
  }

  push(key: number, value = key): void {
    const keys = this.#keys
    const values = this.#values
    let at = keys.length
    keys.push(key)
    values.push(value)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const parentKey = keys[parent] as number
      const parentValue = values[parent] as number
      if (parentKey < key || (parentKey === key && parentValue <= value)) break
      keys[at] = parentKey
      values[at] = parentValue
      at = parent
    }
    keys[at] = key
    values[at] = value
  }

  /** Removes the smallest key and returns its value. */
  pop(): number | undefined {
    const keys = this.#keys
    const values = this.#values
    if (keys.length === 0) return undefined
    const result = values[0]
    const key = keys.pop() as number
    const value = values.pop() as number
    const size = keys.length
    if (size === 0) return result
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= size) break
      if (child + 1 < size && this.#precedes(child + 1, child)) child++
      const childKey = keys[child] as number
      const childValue = values[child] as number
      if (childKey > key || (childKey === key && childValue >= value)) break
      keys[at] = childKey
      values[at] = childValue
      at = child
    }
    keys[at] = key
    values[at] = value
    return result
  }

  #precedes(a: number, b: number): boolean {
    const [keyA, keyB] = [this.#keys[a] as number, this.#keys[b] as number]
    return keyA < keyB || (keyA === keyB && (this.#values[a] as number) < (this.#values[b] as number))
  }

  clear(): void {
    this.#keys.length = 0
    this.#values.length = 0
  }

  /** Keeps only the entries for which `keep(value)` holds: forgets what has become irrelevant. */
  retain(keep: (value: number) => boolean): void {
    const entries = this.#keys
      .map((key, i) => [key, this.#values[i] as number] as const)
      .filter(([, value]) => keep(value))
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    this.clear()
    for (const [key, value] of entries) {
      this.#keys.push(key)
      this.#values.push(value)
    }
  }
}
