import type { Container, IndexingPolicy } from '@azure/cosmos'
import { describe, expect, it } from 'vitest'
import { serve } from './client.ts'

// Expectations: "Optimize request cost in Azure Cosmos DB" on Microsoft Learn: a point read of 1 KB is 1, an insert of 1 KB
// without indexing about 5.5, a replace twice the insert; a write grows with its size and with the number of properties
// that the indexing policy covers. The 0.1 of an index entry is the server's own (its README).

const server = serve()
const containerOf = (indexingPolicy: IndexingPolicy) => server.container({ indexingPolicy })
let documents = 0
const insert = async ({ items }: Container, body: object) =>
  (await items.create({ id: `charged-${++documents}`, pk: 'p', ...body })).requestCharge

const nothing: IndexingPolicy = { indexingMode: 'none', automatic: false }
const onlyA: IndexingPolicy = { includedPaths: [{ path: '/a/*' }], excludedPaths: [{ path: '/*' }] }

describe('a write is charged', () => {
  it('5.5 for 1 KB that nothing indexes, twice that to replace or patch it, once to delete it', async () => {
    const container = await containerOf(nothing)
    expect(await insert(container, {})).toBe(5.5)
    const item = container.item(`charged-${documents}`, 'p')
    expect((await item.replace({ id: item.id, pk: 'p' })).requestCharge).toBe(11)
    expect((await item.patch([{ op: 'add', path: '/n', value: 1 }])).requestCharge).toBe(11)
    expect((await container.items.upsert({ id: item.id, pk: 'p' })).requestCharge).toBe(11)
    expect((await item.read()).requestCharge).toBe(1)
    expect((await item.delete()).requestCharge).toBe(5.5)
  })
  // The partition key is a value like any other: + 1, where all is indexed.
  it.each<[string, IndexingPolicy, object, number]>([
    ['each value, also within objects and arrays', {}, { b: [1, 2, { c: 3 }], d: { e: null } }, 4 + 1],
    [
      'none that is excluded',
      { excludedPaths: [{ path: '/b/*' }], includedPaths: [{ path: '/*' }] },
      { b: [1, 2], c: 1 },
      1 + 1,
    ],
    [
      'one path alone',
      { includedPaths: [{ path: '/a/?' }], excludedPaths: [{ path: '/*' }] },
      { a: 1, b: 2 },
      1,
    ],
    [
      'not what is within that path',
      { includedPaths: [{ path: '/a/?' }], excludedPaths: [{ path: '/*' }] },
      { a: { b: 1 } },
      0,
    ],
    [
      'the entries of an array',
      { includedPaths: [{ path: '/a/[]/b/?' }], excludedPaths: [{ path: '/*' }] },
      { a: [{ b: 1 }, { b: 2 }, { c: 3 }] },
      2,
    ],
    [
      'the more precise path',
      {
        includedPaths: [{ path: '/a/*' }, { path: '/a/b/c/?' }],
        excludedPaths: [{ path: '/*' }, { path: '/a/b/*' }],
      },
      { a: { b: { c: 1, d: 2 }, e: 3 } },
      2,
    ],
    [
      'composite indexes',
      {
        includedPaths: [{ path: '/a/?' }],
        excludedPaths: [{ path: '/*' }],
        compositeIndexes: [
          [
            { path: '/a', order: 'ascending' },
            { path: '/b', order: 'ascending' },
          ],
          [
            { path: '/c', order: 'ascending' },
            { path: '/d', order: 'ascending' },
          ],
        ],
      },
      { a: 1 },
      2,
    ],
  ])('for %s that the policy indexes', async (_, policy, body, entries) => {
    expect(await insert(await containerOf(policy), body)).toBeCloseTo(5.5 + 0.1 * entries, 5)
  })
  it('by its policy, not by the queries that were asked before', async () => {
    const container = await containerOf(onlyA)
    const body = { a: { b: 1, c: 2 } }
    const before = await insert(container, body)
    for (let n = 0; n < 110; n++) await container.items.create({ id: `${n}`, pk: 'p', a: { b: n } })
    for (const path of ['c.a.b', 'c.a.c', 'c.a.d'])
      await container.items.query(`SELECT * FROM c WHERE ${path} > 0 ORDER BY ${path}`).fetchAll()
    expect(await insert(container, body)).toBe(before)
    expect(before).toBe(5.7)
  })
})
