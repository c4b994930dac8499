import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MinHeap } from './heap.ts'

describe('a heap', () => {
  it('gives values in the order of their keys, whatever was kept', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000)), (keys) => {
        const heap = new MinHeap()
        for (const key of keys) heap.push(key)
        heap.retain((value) => value % 3 !== 0)
        const popped: number[] = []
        for (let value = heap.pop(); value !== undefined; value = heap.pop()) popped.push(value)
        expect(popped).toEqual(keys.filter((key) => key % 3 !== 0).sort((a, b) => a - b))
      }),
    )
  })
})
