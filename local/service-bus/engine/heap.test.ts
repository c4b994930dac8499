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

  it('gives what has one key in the order of the payloads, also after some were left out', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3)), fc.nat(50), (keys, left) => {
        const heap = new MinHeap()
        for (const [value, key] of keys.entries()) heap.push(key, value)
        heap.retain((value) => value !== left)
        const popped: number[] = []
        for (let value = heap.pop(); value !== undefined; value = heap.pop()) popped.push(value)
        const inOrder = [...keys.entries()].sort(([a, x], [b, y]) => x - y || a - b)
        expect(popped).toEqual(inOrder.map(([value]) => value).filter((value) => value !== left))
      }),
    )
  })
})
