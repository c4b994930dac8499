import { randomUUID } from 'node:crypto'
import type { Container, PatchOperation } from '@azure/cosmos'
import { beforeAll, describe, expect, it } from 'vitest'
import { refusalOf, send, serve, statusOf } from './client.ts'

// Expectations: "Azure Cosmos DB: REST API reference" (documents, status codes), "Partial document update", "Optimistic
// concurrency control", "Service quotas" on Microsoft Learn.

const server = serve()
let items: Container
beforeAll(async () => {
  items = await server.container()
})

const fresh = async (more: object = {}) => {
  const id = randomUUID()
  const { resource } = await items.items.create({ id, pk: 'p', n: 1, ...more })
  return { id, item: items.item(id, 'p'), etag: resource?._etag as string }
}

describe('create, read, replace, delete', () => {
  it('answers the document with its system properties, the ETag in quotes', async () => {
    const { resource, statusCode, etag } = await items.items.create({ id: 'system', pk: 'p' })
    expect(statusCode).toBe(201)
    expect(resource).toMatchObject({ id: 'system', pk: 'p', _attachments: 'attachments/' })
    expect(resource?._etag).toMatch(/^".+"$/)
    expect(etag).toBe(resource?._etag)
    expect(Buffer.from(String(resource?._rid), 'base64')).toHaveLength(16)
    expect(resource?._self).toContain(resource?._rid)
    expect(Math.abs(Number(resource?._ts) - Date.now() / 1000)).toBeLessThan(60)
  })
  it.each([
    ['a second one of the same id', { id: 'system', pk: 'p' }, 409],
    ['the same id in another partition', { id: 'system', pk: 'q' }, 201],
    ['a partition key of another type', { id: 'system', pk: 1 }, 201],
    ['the text of that number', { id: 'system', pk: '1' }, 201],
    ['null', { id: 'system', pk: null }, 201],
    ['true', { id: 'system', pk: true }, 201],
    ['no partition key', { id: 'system' }, 201],
    ['no partition key again', { id: 'system' }, 409],
  ])('create, %s', async (_, body, status) => {
    expect(await statusOf(items.items.create(body))).toBe(status)
  })
  it('makes an id where there is none', async () => {
    const { resource } = await items.items.create({ pk: 'p' })
    expect(resource?.id).toMatch(/^[0-9a-f-]{36}$/)
  })
  it.each(['ü', 'a b', "it's", '"quoted"', '%20', '日本', 'a+b', 'a;b=c', 'x'.repeat(255)])(
    'reads the id %s',
    async (id) => {
      await items.items.create({ id, pk: 'odd' })
      expect((await items.item(id, 'odd').read()).resource?.id).toBe(id)
    },
  )
  it('reads what is not there as 404', async () => {
    const { statusCode, resource } = await items.item('nobody', 'p').read()
    expect([statusCode, resource]).toEqual([404, undefined])
  })
  it('tells a container that is not there by the substatus 1003', async () => {
    const refusal = await refusalOf(server.database.container('nowhere').items.create({ id: '1' }))
    expect(refusal).toMatchObject({ code: 404 })
  })
  it('replaces a document', async () => {
    const { id, item } = await fresh()
    const { resource, statusCode } = await item.replace({ id, pk: 'p', n: 2 })
    expect([statusCode, resource?.n]).toEqual([200, 2])
    expect((await item.read()).resource?.n).toBe(2)
  })
  it('keeps the resource id of a replaced document, and gives it another ETag', async () => {
    const { id, item } = await fresh()
    const before = (await item.read()).resource
    const { resource } = await item.replace({ id, pk: 'p' })
    expect(resource?._rid).toBe(before?._rid)
    expect(resource?._etag).not.toBe(before?._etag)
  })
  it.each([
    ['another id', { id: 'other', pk: 'p' }, 400],
    ['another partition key', { id: 'same', pk: 'q' }, 400],
  ])('does not replace with %s', async (_, body, status) => {
    const { id, item } = await fresh()
    expect(await statusOf(item.replace({ ...body, id: body.id === 'same' ? id : body.id }))).toBe(status)
  })
  it('does not replace what is not there', async () => {
    expect(await statusOf(items.item('nobody', 'p').replace({ id: 'nobody', pk: 'p' }))).toBe(404)
  })
  it('upserts: 201, then 200', async () => {
    const id = randomUUID()
    expect((await items.items.upsert({ id, pk: 'p', n: 1 })).statusCode).toBe(201)
    expect((await items.items.upsert({ id, pk: 'p', n: 2 })).statusCode).toBe(200)
    expect((await items.item(id, 'p').read()).resource?.n).toBe(2)
  })
  it('deletes: 204, then 404', async () => {
    const { item } = await fresh()
    expect((await item.delete()).statusCode).toBe(204)
    expect(await statusOf(item.delete())).toBe(404)
    expect((await item.read()).statusCode).toBe(404)
  })
  it('does not find it in another partition', async () => {
    const { id } = await fresh()
    expect((await items.item(id, 'q').read()).statusCode).toBe(404)
    expect(await statusOf(items.item(id, 'q').delete())).toBe(404)
  })
  it('lets one be made again after it was deleted', async () => {
    const { id, item } = await fresh()
    await item.delete()
    expect((await items.items.create({ id, pk: 'p' })).statusCode).toBe(201)
  })
  // No address can name half a character (RFC 3986: percent-encoded UTF-8), and kept as UTF-8 all halves would be one.
  it('refuses half a character in an id, and keeps it in a value', async () => {
    const create = (body: string) => {
      const headers = { 'x-ms-documentdb-partitionkey': '["\\ud801"]' }
      return send(server.cosmos, 'POST', `dbs/tests/colls/${items.id}/docs`, { headers, body })
    }
    expect((await create('{"id":"a\\ud800","pk":"\\ud801"}')).status).toBe(400)
    expect((await create('{"id":"half","pk":"\\ud801","v":"\\udc00"}')).status).toBe(201)
    expect((await items.item('half', '\ud801').read()).resource?.v).toBe('\udc00')
    expect((await items.item('half', '\ud802').read()).statusCode).toBe(404)
  })
  it('refuses a document of more than 2 MB: 413', async () => {
    const big = { id: 'big', pk: 'p', text: 'x'.repeat(2 * 1024 * 1024) }
    expect(await statusOf(items.items.create(big))).toBe(413)
    expect((await items.item('big', 'p').read()).statusCode).toBe(404)
  })
  it('takes a document of almost 2 MB', async () => {
    const big = { id: 'large', pk: 'p', text: 'x'.repeat(2 * 1024 * 1024 - 1000) }
    expect(await statusOf(items.items.create(big))).toBe(201)
  })
  it.each([0, -2, 1.5, 'soon' as never])('refuses the time to live %s', async (ttl) => {
    expect(await statusOf(items.items.create({ id: randomUUID(), pk: 'p', ttl }))).toBe(400)
  })
  it('keeps every kind of value', async () => {
    const values = {
      a: null,
      b: [1, [2], { c: true }],
      d: 1e-300,
      e: '\u0000\ud83d\ude00',
      f: {},
      g: -0.5,
      other: 1,
    }
    const { item } = await fresh({ values })
    expect((await item.read()).resource?.values).toEqual(values)
  })
  it('does not let a client set what the service sets', async () => {
    const { item } = await fresh({ _etag: 'mine', _ts: 1, _rid: 'mine' })
    const { resource } = await item.read()
    expect([resource?._etag, resource?._ts, resource?._rid]).not.toContain('mine')
    expect(resource?._ts).toBeGreaterThan(1)
  })
  it('refuses to leave a document out of the index, and takes the directives that change nothing', async () => {
    const create = (indexingDirective: 'Default' | 'Include' | 'Exclude') =>
      items.items.create({ id: randomUUID(), pk: 'p' }, { indexingDirective })
    expect((await refusalOf(create('Exclude'))).message).toContain('not supported')
    expect([await statusOf(create('Default')), await statusOf(create('Include'))]).toEqual([201, 201])
  })
  it('answers no content when none is wanted', async () => {
    const path = `dbs/tests/colls/${items.id}/docs`
    const headers = { 'x-ms-documentdb-partitionkey': '["p"]', prefer: 'return=minimal' }
    const body = JSON.stringify({ id: randomUUID(), pk: 'p' })
    const answer = await send(server.cosmos, 'POST', path, { headers, body })
    expect([answer.status, await answer.text()]).toEqual([201, ''])
    expect(answer.headers.get('etag')).toMatch(/^"/)
  })
  it.each([
    ['no partition key', {}, '{"id":"1"}'],
    ['a partition key that is no list', { 'x-ms-documentdb-partitionkey': '"p"' }, '{"id":"1"}'],
    [
      'a partition key that is not the one of the document',
      { 'x-ms-documentdb-partitionkey': '["q"]' },
      '{"id":"1","pk":"p"}',
    ],
    ['a body that is no JSON', { 'x-ms-documentdb-partitionkey': '["p"]' }, '{"id":'],
    ['a body that is no object', { 'x-ms-documentdb-partitionkey': '["p"]' }, '[]'],
    ['no id', { 'x-ms-documentdb-partitionkey': '["p"]' }, '{"pk":"p"}'],
    ['an id that is a number', { 'x-ms-documentdb-partitionkey': '["p"]' }, '{"id":1,"pk":"p"}'],
    ['an id with a slash', { 'x-ms-documentdb-partitionkey': '["p"]' }, '{"id":"a/b","pk":"p"}'],
    [
      'an id that is too long',
      { 'x-ms-documentdb-partitionkey': '["p"]' },
      `{"id":"${'x'.repeat(1024)}","pk":"p"}`,
    ],
    [
      'a number that is too large',
      { 'x-ms-documentdb-partitionkey': '["p"]' },
      '{"id":"1","pk":"p","n":1e999}',
    ],
    [
      'too deep a nesting',
      { 'x-ms-documentdb-partitionkey': '["p"]' },
      `{"id":"1","pk":"p","n":${'['.repeat(200)}${']'.repeat(200)}}`,
    ],
    [
      'a trigger',
      { 'x-ms-documentdb-partitionkey': '["p"]', 'x-ms-documentdb-pre-trigger-include': 'x' },
      '{"id":"1","pk":"p"}',
    ],
    [
      'strong consistency',
      { 'x-ms-documentdb-partitionkey': '["p"]', 'x-ms-consistency-level': 'Strong' },
      '{"id":"1","pk":"p"}',
    ],
  ])('refuses a document with %s', async (_, headers, body) => {
    const answer = await send(server.cosmos, 'POST', `dbs/tests/colls/${items.id}/docs`, { headers, body })
    expect(answer.status).toBe(400)
    const error = (await answer.json()) as { code: string; message: string }
    expect(error.code).toBe('BadRequest')
    expect(error.message).toContain(`ActivityId: ${answer.headers.get('x-ms-activity-id')}`)
  })
  it('charges for what it does', async () => {
    const { item } = await fresh()
    expect((await item.read()).requestCharge).toBe(1)
    const { requestCharge } = await item.replace({ id: item.id, pk: 'p' })
    expect(requestCharge).toBeGreaterThan(10)
  })
  it('charges a read by its size: 10 for 100 KB', async () => {
    const { item } = await fresh({ text: 'x'.repeat(100 * 1024 - 350) })
    expect((await item.read()).requestCharge).toBeCloseTo(10, 1)
  })
})

describe('ETags', () => {
  const accessOf = (type: 'IfMatch' | 'IfNoneMatch', condition: string) => ({
    accessCondition: { type, condition },
  })
  it.each(['replace', 'delete', 'patch', 'upsert'] as const)(
    'If-Match on %s: the right one passes, an old one is 412',
    async (kind) => {
      const { id, item, etag } = await fresh()
      const act = (condition: string): Promise<{ statusCode?: number }> => {
        const options = accessOf('IfMatch', condition)
        if (kind === 'replace') return item.replace({ id, pk: 'p' }, options)
        if (kind === 'delete') return item.delete(options)
        if (kind === 'patch') return item.patch([{ op: 'incr', path: '/n', value: 1 }], options)
        return items.items.upsert({ id, pk: 'p' }, options)
      }
      expect(await statusOf(act('"old"'))).toBe(412)
      expect(await statusOf(act('*'))).toBeLessThan(300)
      if (kind !== 'delete') expect(await statusOf(act(etag))).toBe(412)
    },
  )
  it('passes the ETag that is there', async () => {
    const { id, item, etag } = await fresh()
    expect(await statusOf(item.replace({ id, pk: 'p' }, accessOf('IfMatch', etag)))).toBe(200)
  })
  it('If-None-Match on a read: 304 for what the client has', async () => {
    const { item, etag } = await fresh()
    expect(await statusOf(item.read(accessOf('IfNoneMatch', etag)))).toBe(304)
    expect(await statusOf(item.read(accessOf('IfNoneMatch', '"old"')))).toBe(200)
  })
  it('If-None-Match * on an upsert: only what is not there', async () => {
    const { id } = await fresh()
    expect(await statusOf(items.items.upsert({ id, pk: 'p' }, accessOf('IfNoneMatch', '*')))).toBe(412)
    expect(
      await statusOf(items.items.upsert({ id: randomUUID(), pk: 'p' }, accessOf('IfNoneMatch', '*'))),
    ).toBe(201)
  })
  it('of two who replace the same version one is refused', async () => {
    const { id, item, etag } = await fresh()
    const both = [1, 2].map((n) => statusOf(item.replace({ id, pk: 'p', n }, accessOf('IfMatch', etag))))
    expect((await Promise.all(both)).sort()).toEqual([200, 412])
  })
})

describe('patch', () => {
  const base = { a: { b: 1, list: [1, 2, 3] }, text: 'Open', n: 5 }
  const patched = async (operations: PatchOperation[], condition?: string) => {
    const { item } = await fresh(base)
    const { resource } = await item.patch(condition ? { condition, operations } : operations)
    return resource as unknown as typeof base & Record<string, unknown>
  }
  it.each<[string, PatchOperation, object]>([
    ['add a property', { op: 'add', path: '/x', value: 1 }, { x: 1 }],
    ['add over one that is there', { op: 'add', path: '/n', value: 'new' }, { n: 'new' }],
    ['add into an array', { op: 'add', path: '/a/list/1', value: 9 }, { a: { b: 1, list: [1, 9, 2, 3] } }],
    ['add behind the last', { op: 'add', path: '/a/list/-', value: 9 }, { a: { b: 1, list: [1, 2, 3, 9] } }],
    ['add at the length', { op: 'add', path: '/a/list/3', value: 9 }, { a: { b: 1, list: [1, 2, 3, 9] } }],
    ['set a property', { op: 'set', path: '/a/c', value: null }, { a: { b: 1, list: [1, 2, 3], c: null } }],
    ['set an element', { op: 'set', path: '/a/list/1', value: 9 }, { a: { b: 1, list: [1, 9, 3] } }],
    ['set behind the last', { op: 'set', path: '/a/list/3', value: 9 }, { a: { b: 1, list: [1, 2, 3, 9] } }],
    ['replace', { op: 'replace', path: '/a/b', value: { c: 1 } }, { a: { b: { c: 1 }, list: [1, 2, 3] } }],
    ['replace an element', { op: 'replace', path: '/a/list/0', value: 9 }, { a: { b: 1, list: [9, 2, 3] } }],
    ['remove an element', { op: 'remove', path: '/a/list/0' }, { a: { b: 1, list: [2, 3] } }],
    ['increment', { op: 'incr', path: '/n', value: 2.5 }, { n: 7.5 }],
    ['decrement', { op: 'incr', path: '/n', value: -6 }, { n: -1 }],
    ['increment what is not there', { op: 'incr', path: '/count', value: 3 }, { count: 3 }],
    ['increment an element', { op: 'incr', path: '/a/list/2', value: 1 }, { a: { b: 1, list: [1, 2, 4] } }],
    ['a name with a slash', { op: 'set', path: '/x~1y', value: 1 }, { 'x/y': 1 }],
  ])('%s', async (_, operation, expected) => expect(await patched([operation])).toMatchObject(expected))

  it('removes a property', async () =>
    expect(await patched([{ op: 'remove', path: '/text' }])).not.toHaveProperty('text'))
  it('moves a property', async () => {
    const resource = await patched([{ op: 'move', from: '/text', path: '/a/text' } as never])
    expect(resource).toMatchObject({ a: { text: 'Open' } })
    expect(resource).not.toHaveProperty('text')
  })
  it('does one operation after the other', async () => {
    const operations: PatchOperation[] = [
      { op: 'set', path: '/x', value: {} },
      { op: 'set', path: '/x/y', value: 1 },
      { op: 'incr', path: '/x/y', value: 1 },
    ]
    expect(await patched(operations)).toMatchObject({ x: { y: 2 } })
  })
  it.each<[string, PatchOperation]>([
    ['set below what is not there', { op: 'set', path: '/nothing/c', value: 1 }],
    ['replace what is not there', { op: 'replace', path: '/nothing', value: 1 }],
    ['remove what is not there', { op: 'remove', path: '/nothing' }],
    ['add beyond the end', { op: 'add', path: '/a/list/9', value: 1 }],
    ['increment a text', { op: 'incr', path: '/text', value: 1 }],
    ['increment by a text', { op: 'incr', path: '/n', value: 'x' as never } as never],
    ['set the id', { op: 'set', path: '/id', value: 'x' }],
    ['set the partition key', { op: 'set', path: '/pk', value: 'x' }],
    ['remove the partition key', { op: 'remove', path: '/pk' }],
    ['set the ETag', { op: 'set', path: '/_etag', value: 'x' }],
    ['set the time', { op: 'set', path: '/_ts', value: 1 }],
    ['no path', { op: 'set', path: '', value: 1 }],
    ['a name in an array', { op: 'set', path: '/a/list/x', value: 1 }],
    ['an unknown operation', { op: 'multiply' as never, path: '/n', value: 1 }],
    ['a move into itself', { op: 'move', from: '/a', path: '/a/b' } as never],
  ])('refuses and changes nothing: %s', async (_, operation) => {
    const { item, etag } = await fresh(base)
    expect(await statusOf(item.patch([{ op: 'set', path: '/n', value: 0 }, operation]))).toBe(400)
    expect((await item.read()).resource?._etag).toBe(etag)
  })
  it('takes ten operations, and not eleven', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (): PatchOperation => ({ op: 'incr', path: '/n', value: 1 }))
    const { item } = await fresh(base)
    expect(await statusOf(item.patch(many(11)))).toBe(400)
    expect((await item.patch(many(10))).resource).toMatchObject({ n: 15 })
  })
  it('of what is not there: 404', async () => {
    expect(await statusOf(items.item('nobody', 'p').patch([{ op: 'set', path: '/n', value: 1 }]))).toBe(404)
  })
  it.each([
    ["FROM c WHERE c.text = 'Open'", 200],
    ["from c where c.text = 'open'", 412],
    ['FROM root r WHERE r.n > 4 AND IS_DEFINED(r.a.b)', 200],
    ['FROM c WHERE c.nothing = 1', 412],
    ['FROM c WHERE ARRAY_CONTAINS(c.a.list, 2)', 200],
    ["FROM c WHERE c.pk = 'q'", 412],
    ['FROM c WHERE', 400],
  ])('with the condition %s: %i', async (condition, status) => {
    const { item } = await fresh(base)
    const patch = { condition, operations: [{ op: 'incr', path: '/n', value: 1 } as const] }
    expect(await statusOf(item.patch(patch))).toBe(status)
    expect((await item.read()).resource?.n).toBe(status === 200 ? 6 : 5)
  })
  it('does not look into other partitions for its condition', async () => {
    const id = randomUUID()
    await items.items.create({ id, pk: 'p', n: 1 })
    await items.items.create({ id, pk: 'q', n: 2 })
    const patch = {
      condition: 'FROM c WHERE c.n = 2',
      operations: [{ op: 'incr', path: '/n', value: 1 } as const],
    }
    expect(await statusOf(items.item(id, 'p').patch(patch))).toBe(412)
    expect(await statusOf(items.item(id, 'q').patch(patch))).toBe(200)
  })
})
