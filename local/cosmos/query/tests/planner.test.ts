import { describe, expect, it } from 'vitest'
import { answer, type MemoryOptions, MemorySource } from './memorySource.ts'

// The app's own policy of orders (infra/cosmos.json), over 1,000 of them.

const states = ['placed', 'pending', 'processing', 'complete', 'cancelled']
const orders = Array.from({ length: 1_000 }, (_, i) => ({
  id: `o${String(i).padStart(4, '0')}`,
  state: i < 20 ? 'placed' : (states[i % 5] as string),
  customerId: `c${i % 100}`,
  createdAt: `2026-01-01T00:${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}Z`,
  total: i,
}))
const policy: MemoryOptions = {
  excluded: ['/total'],
  compositeIndexes: [
    [
      ['/state', 'asc'],
      ['/createdAt', 'desc'],
    ],
    [
      ['/customerId', 'asc'],
      ['/createdAt', 'desc'],
    ],
  ],
}
const source = new MemorySource(orders, policy)

/** What a query read for its first page. */
const read = (query: string) => answer({ query }, source).facts[0]

describe('a query reads no more than it returns', () => {
  it.each([
    ["SELECT TOP 50 * FROM c WHERE c.state = 'complete' ORDER BY c.createdAt DESC", 50],
    ["SELECT TOP 50 * FROM c WHERE c.state = 'complete' ORDER BY c.createdAt ASC", 50],
    [
      "SELECT TOP 5 * FROM c WHERE c.state = 'placed' AND c.createdAt < '2026-01-01T00:00:10Z' ORDER BY c.createdAt",
      5,
    ],
    ["SELECT * FROM c WHERE c.state = 'placed' AND c.createdAt < '2026-01-01T00:00:10Z'", 10],
    ["SELECT TOP 7 * FROM c WHERE c.customerId = 'c5' ORDER BY c.createdAt DESC", 7],
    ['SELECT TOP 9 * FROM c ORDER BY c.state ASC, c.createdAt DESC', 9],
    ['SELECT TOP 9 * FROM c ORDER BY c.state DESC, c.createdAt ASC', 9],
    ['SELECT TOP 3 * FROM c ORDER BY c.createdAt DESC', 3],
    [
      "SELECT * FROM c WHERE c.createdAt >= '2026-01-01T00:16:00Z' AND c.createdAt < '2026-01-01T00:16:05Z'",
      5,
    ],
    ["SELECT * FROM c WHERE c.id = 'o0500'", 1],
    ["SELECT * FROM c WHERE c.id IN ('o0500', 'o0001', 'nothing')", 2],
    ["SELECT * FROM c WHERE c.id = 'o0500' OR c.id = 'o0501'", 2],
    ["SELECT * FROM c WHERE STARTSWITH(c.id, 'o099')", 10],
    ["SELECT * FROM c WHERE c.id LIKE 'o099%'", 10],
    ["SELECT * FROM c WHERE c.id BETWEEN 'o0100' AND 'o0104'", 5],
    ["SELECT VALUE COUNT(1) FROM c WHERE c.customerId = 'c7'", 10],
    ["SELECT * FROM c WHERE c.customerId = 'c7' AND c.state = 'complete'", 10],
    ["SELECT * FROM c WHERE c.id > 'o0999'", 0],
    ["SELECT * FROM c WHERE c.id > 'x' AND c.id < 'a'", 0],
    ['SELECT * FROM c WHERE c.id = 5', 0],
    ['SELECT TOP 0 * FROM c', 0],
    // A rare customer's orders are rather sorted than looked for along all of them.
    ["SELECT TOP 5 * FROM c WHERE c.customerId = 'c7' ORDER BY c.id", 10],
  ])('%s', (query, documents) => {
    // A full page has looked whether there is one more document.
    expect(read(query)?.documentsRead).toBe(documents)
  })

  it('but all, where the policy has no index', () => {
    expect(read('SELECT TOP 1 * FROM c WHERE c.total = 999')).toMatchObject({
      documentsRead: 1_000,
      index: null,
    })
  })

  it('and says which index', () => {
    expect(read("SELECT * FROM c WHERE c.id = 'o0500'")).toEqual({
      documentsRead: 1,
      bytesRead: Buffer.byteLength(JSON.stringify(orders[500])),
      index: '/id',
      lookups: 1,
    })
    expect(read("SELECT TOP 1 * FROM c WHERE c.state = 'placed' ORDER BY c.createdAt")?.index).toContain(
      '/createdAt',
    )
  })
})

describe('pages', () => {
  it('end with their number, and the last one says so', () => {
    const query = 'SELECT c.id FROM c ORDER BY c.createdAt'
    const { results, facts, pages } = answer({ query }, source, { maxItemCount: 250 })
    expect(results).toEqual(orders.map(({ id }) => ({ id })))
    expect(pages).toBe(4)
    expect(facts.map(({ documentsRead }) => documentsRead)).toEqual([251, 251, 251, 250])
  })

  it('are of 100 by default and of 1,000 at most', () => {
    expect(answer({ query: 'SELECT * FROM c' }, source).pages).toBe(10)
    expect(answer({ query: 'SELECT * FROM c' }, source, { maxItemCount: -1 }).pages).toBe(1)
    expect(answer({ query: 'SELECT * FROM c' }, source, { maxItemCount: 5_000 }).pages).toBe(1)
  })

  it('go on within a document of many rows', () => {
    const wide = new MemorySource([
      { id: '1', n: [1, 2, 3, 4, 5] },
      { id: '2', n: [6, 7] },
    ])
    const { results, pages } = answer({ query: 'SELECT VALUE n FROM c JOIN n IN c.n' }, wide, {
      maxItemCount: 2,
    })
    expect(results).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(pages).toBe(4)
  })

  it('count OFFSET and LIMIT over all of them', () => {
    const query = 'SELECT VALUE c.total FROM c ORDER BY c.createdAt OFFSET 5 LIMIT 12'
    const { results, pages } = answer({ query }, source, { maxItemCount: 5 })
    expect(results).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
    expect(pages).toBe(3)
  })

  it('of groups and distinct values go on behind the last one', () => {
    const grouped = answer({ query: 'SELECT c.state, COUNT(1) AS n FROM c GROUP BY c.state' }, source, {
      maxItemCount: 2,
    })
    expect(grouped.pages).toBe(3)
    expect(grouped.results).toContainEqual({ state: 'placed', n: 216 })
    const distinct = answer(
      { query: 'SELECT DISTINCT VALUE c.customerId FROM c ORDER BY c.customerId DESC' },
      source,
      { maxItemCount: 30 },
    )
    expect(distinct.pages).toBe(4)
    expect(distinct.results).toHaveLength(100)
    expect(distinct.results[0]).toBe('c99')
  })

  it('end at 4 MB', () => {
    const large = new MemorySource(
      Array.from({ length: 9 }, (_, i) => ({ id: `${i}`, text: 'x'.repeat(1024 * 1024) })),
    )
    expect(answer({ query: 'SELECT * FROM c' }, large).pages).toBe(3)
  })

  it('do not end behind a key that no header could hold', () => {
    const long = new MemorySource(
      Array.from({ length: 3 }, (_, i) => ({ id: `${i}`, text: 'x'.repeat(50_000) })),
      { seems: 'large' },
    )
    const { pages, results } = answer({ query: 'SELECT VALUE c.id FROM c ORDER BY c.text' }, long, {
      maxItemCount: 1,
    })
    expect(results).toEqual(['0', '1', '2'])
    expect(pages).toBe(1)
  })
})
