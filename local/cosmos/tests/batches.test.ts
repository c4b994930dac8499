import { randomUUID } from 'node:crypto'
import type { Container, OperationInput } from '@azure/cosmos'
import { beforeAll, describe, expect, it } from 'vitest'
import { send, serve } from './client.ts'

// Expectations: "Transactional batch operations" and "Bulk operations" on Microsoft Learn.

const server = serve()
let items: Container
beforeAll(async () => {
  items = await server.container()
})
const read = async (id: string, pk = 'p') => (await items.item(id, pk).read()).resource
const codes = (result: { statusCode: number }[] | undefined) => result?.map(({ statusCode }) => statusCode)

describe('a transactional batch', () => {
  it('does every kind of operation', async () => {
    const ids = Array.from({ length: 6 }, () => randomUUID())
    for (const id of ids.slice(2)) await items.items.create({ id, pk: 'p', n: 1 })
    const operations: OperationInput[] = [
      { operationType: 'Create', resourceBody: { id: ids[0] as string, pk: 'p' } },
      { operationType: 'Upsert', resourceBody: { id: ids[1] as string, pk: 'p' } },
      { operationType: 'Read', id: ids[2] as string },
      {
        operationType: 'Replace',
        id: ids[3] as string,
        resourceBody: { id: ids[3] as string, pk: 'p', n: 2 },
      },
      { operationType: 'Delete', id: ids[4] as string },
      {
        operationType: 'Patch',
        id: ids[5] as string,
        resourceBody: [{ op: 'incr', path: '/n', value: 1 }] as never,
      },
    ]
    const { result, code } = await items.items.batch(operations, 'p')
    expect(code).toBe(200)
    expect(codes(result)).toEqual([201, 201, 200, 200, 204, 200])
    expect(result?.[2]?.resourceBody).toMatchObject({ id: ids[2], n: 1 })
    expect(result?.[5]?.resourceBody).toMatchObject({ n: 2 })
    expect(result?.[0]?.eTag).toMatch(/^"/)
    expect(await read(ids[4] as string)).toBeUndefined()
  })
  it('is done whole or not at all', async () => {
    const [fresh, taken] = [randomUUID(), randomUUID()]
    await items.items.create({ id: taken, pk: 'p', n: 1 })
    const { result, code } = await items.items.batch(
      [
        { operationType: 'Create', resourceBody: { id: fresh, pk: 'p' } },
        { operationType: 'Replace', id: taken, resourceBody: { id: taken, pk: 'p', n: 2 } },
        { operationType: 'Create', resourceBody: { id: taken, pk: 'p' } },
      ],
      'p',
    )
    expect(code).toBe(207)
    expect(codes(result)).toEqual([424, 424, 409])
    expect(await read(fresh)).toBeUndefined()
    expect(await read(taken)).toMatchObject({ n: 1 })
    // Nor is there a trace of it in the indexes.
    const query = `SELECT VALUE c.n FROM c WHERE c.id = '${taken}'`
    expect((await items.items.query(query).fetchAll()).resources).toEqual([1])
  })
  it.each([
    ['a document of another partition', { operationType: 'Create', resourceBody: { id: 'x', pk: 'q' } }, 400],
    ['what is not there', { operationType: 'Read', id: 'nobody' }, 404],
    [
      'an old ETag',
      { operationType: 'Upsert', ifMatch: '"old"', resourceBody: { id: 'etag', pk: 'p' } },
      412,
    ],
  ] as [string, OperationInput, number][])('fails for %s', async (_, operation, status) => {
    await items.items.upsert({ id: 'etag', pk: 'p' })
    const id = randomUUID()
    const { result, code } = await items.items.batch(
      [{ operationType: 'Create', resourceBody: { id, pk: 'p' } }, operation],
      'p',
    )
    expect([code, ...(codes(result) ?? [])]).toEqual([207, 424, status])
    expect(await read(id)).toBeUndefined()
  })
  it('holds a patch to its condition', async () => {
    const id = randomUUID()
    await items.items.create({ id, pk: 'p', n: 1 })
    const patch = (n: number) =>
      ({
        operationType: 'Patch',
        id,
        resourceBody: {
          condition: `FROM c WHERE c.n = ${n}`,
          operations: [{ op: 'incr', path: '/n', value: 1 }],
        },
      }) as OperationInput
    expect(codes((await items.items.batch([patch(2)], 'p')).result)).toEqual([412])
    expect(codes((await items.items.batch([patch(1), patch(2)], 'p')).result)).toEqual([200, 200])
    expect(await read(id)).toMatchObject({ n: 3 })
  })
  it('takes a hundred operations, and not more', async () => {
    const many = (count: number): OperationInput[] =>
      Array.from({ length: count }, () => ({
        operationType: 'Create',
        resourceBody: { id: randomUUID(), pk: 'p' },
      }))
    expect((await items.items.batch(many(100), 'p')).code).toBe(200)
    const headers = { 'x-ms-cosmos-is-batch-request': 'true', 'x-ms-cosmos-batch-atomic': 'true' }
    const answer = await send(server.cosmos, 'POST', `dbs/tests/colls/${items.id}/docs`, {
      headers: { ...headers, 'x-ms-documentdb-partitionkey': '["p"]' },
      body: JSON.stringify(many(101)),
    })
    expect(answer.status).toBe(400)
  })
  it('sees in a later operation what an earlier one did', async () => {
    const id = randomUUID()
    const { result } = await items.items.batch(
      [
        { operationType: 'Create', resourceBody: { id, pk: 'p', n: 1 } },
        { operationType: 'Patch', id, resourceBody: [{ op: 'incr', path: '/n', value: 1 }] as never },
        { operationType: 'Read', id },
      ],
      'p',
    )
    expect(result?.[2]?.resourceBody).toMatchObject({ n: 2 })
  })
})

// The SDK gathers operations for a second: both tests wait at once.
describe.concurrent('a bulk', () => {
  it('does each operation by itself', async () => {
    const id = randomUUID()
    const create = { operationType: 'Create', partitionKey: 'p', resourceBody: { id, pk: 'p' } } as const
    const results = await items.items.executeBulkOperations([
      create,
      { ...create, partitionKey: 'q', resourceBody: { id, pk: 'q' } },
      { operationType: 'Read', partitionKey: 'nobody', id },
      { operationType: 'Upsert', partitionKey: 'r', resourceBody: { id, pk: 'r' } },
    ])
    expect(results.map(({ response, error }) => response?.statusCode ?? error?.code)).toEqual([
      201, 201, 404, 201,
    ])
    expect(await read(id, 'q')).toBeDefined()
  })
  it('does a thousand', async () => {
    const operations = Array.from({ length: 1000 }, (_, n) => ({
      operationType: 'Create' as const,
      partitionKey: `bulk-${n % 7}`,
      resourceBody: { id: randomUUID(), pk: `bulk-${n % 7}` },
    }))
    const results = await items.items.executeBulkOperations(operations)
    expect(results.every(({ response }) => response?.statusCode === 201)).toBe(true)
  })
})
