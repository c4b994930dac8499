import { createHmac, randomUUID } from 'node:crypto'
import { type ContainerRequest, CosmosClient, PartitionKeyKind } from '@azure/cosmos'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { emulatorKey, startCosmos } from '../index.ts'
import { refusalOf, serve, statusOf } from './client.ts'

// Expectations: "Manage indexing policies", "Unique key constraints", "Time to live", "Hierarchical partition keys",
// "Access control in the Azure Cosmos DB SQL API" on Microsoft Learn.

const server = serve()

it('what is there is told, and what the control plane deletes is gone for clients', async () => {
  const { cosmos, database } = server
  const { id } = await server.container()
  expect([cosmos.has('tests'), cosmos.has('tests', id)]).toEqual([true, true])
  cosmos.deleteContainer('tests', id)
  expect([cosmos.has('tests', id), cosmos.has('none'), cosmos.has('none', id)]).toEqual([false, false, false])
  expect(await statusOf(database.container(id).items.create({ id: '1', pk: '1' }))).toBe(404)
  expect(() => cosmos.deleteContainer('tests', id)).toThrow()
})

describe('databases', () => {
  it('are created, read, listed, queried and deleted', async () => {
    const { client } = server
    const { database, statusCode } = await client.databases.create({ id: 'one' })
    expect(statusCode).toBe(201)
    expect((await database.read()).resource).toMatchObject({ id: 'one', _colls: 'colls/', _users: 'users/' })
    expect((await client.databases.readAll().fetchAll()).resources.map(({ id }) => id)).toContain('one')
    const query = {
      query: 'SELECT * FROM root r WHERE r.id = @id',
      parameters: [{ name: '@id', value: 'one' }],
    }
    expect((await client.databases.query(query).fetchAll()).resources).toHaveLength(1)
    expect(await statusOf(client.databases.create({ id: 'one' }))).toBe(409)
    expect((await client.databases.createIfNotExists({ id: 'one' })).statusCode).toBe(200)
    expect((await database.delete()).statusCode).toBe(204)
    expect(await statusOf(database.read())).toBe(404)
  })
  it('take their containers and documents with them', async () => {
    const { database } = await server.client.databases.create({ id: 'gone' })
    const { container } = await database.containers.create({ id: 'c', partitionKey: '/pk' })
    await container.items.create({ id: '1', pk: 'p' })
    await database.delete()
    await server.client.databases.create({ id: 'gone' })
    expect(await statusOf(container.read())).toBe(404)
    await database.containers.create({ id: 'c', partitionKey: '/pk' })
    expect((await container.items.readAll().fetchAll()).resources).toEqual([])
  })
})

describe('containers', () => {
  it('have the policy that the service gives them', async () => {
    const { resource } = await (await server.container()).read()
    expect(resource).toMatchObject({
      partitionKey: { paths: ['/pk'], kind: 'Hash', version: 2 },
      indexingPolicy: {
        indexingMode: 'consistent',
        automatic: true,
        includedPaths: [{ path: '/*' }],
        excludedPaths: [{ path: '/"_etag"/?' }],
      },
      conflictResolutionPolicy: { mode: 'LastWriterWins' },
    })
    expect(Buffer.from(String(resource?._rid).replaceAll('-', '/'), 'base64')).toHaveLength(8)
  })
  it('keep their documents when they are replaced', async () => {
    const container = await server.container()
    await container.items.create({ id: '1', pk: 'p' })
    const { resource } = await container.read()
    const replaced = await container.replace({ ...resource, id: container.id, defaultTtl: 100 } as never)
    expect(replaced.resource?.defaultTtl).toBe(100)
    expect((await container.items.readAll().fetchAll()).resources).toHaveLength(1)
  })
  it.each<[string, object]>([
    ['another partition key', { partitionKey: { paths: ['/other'] } }],
    [
      'other unique keys',
      { partitionKey: { paths: ['/pk'] }, uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/a'] }] } },
    ],
  ])('are not replaced with %s', async (_, more) => {
    const container = await server.container()
    expect(await statusOf(container.replace({ id: container.id, ...more } as never))).toBe(400)
  })
  it('are listed and queried', async () => {
    const { id } = await server.container()
    const { containers } = server.database
    expect((await containers.readAll().fetchAll()).resources.map((one) => one.id)).toContain(id)
    const query = `SELECT VALUE r.id FROM root r WHERE r.id = '${id}'`
    expect((await containers.query({ query }).fetchAll()).resources).toEqual([id])
  })
  it.each<[string, Partial<ContainerRequest>]>([
    ['a partition key without a slash', { partitionKey: { paths: ['pk'] } }],
    ['two paths and kind Hash', { partitionKey: { paths: ['/a', '/b'], kind: PartitionKeyKind.Hash } }],
    ['four paths', { partitionKey: { paths: ['/a', '/b', '/c', '/d'], kind: PartitionKeyKind.MultiHash } }],
    ['no root path in its policy', { indexingPolicy: { includedPaths: [{ path: '/a/?' }] } }],
    ['a path without an ending', { indexingPolicy: { includedPaths: [{ path: '/a' }, { path: '/*' }] } }],
    [
      'a composite index of one path',
      { indexingPolicy: { compositeIndexes: [[{ path: '/a', order: 'ascending' }]] } },
    ],
    [
      'a composite path with a wildcard',
      {
        indexingPolicy: {
          compositeIndexes: [
            [
              { path: '/a/?', order: 'ascending' },
              { path: '/b', order: 'ascending' },
            ],
          ],
        },
      },
    ],
    ['a time to live of 0', { defaultTtl: 0 }],
    ['vectors', { indexingPolicy: { vectorIndexes: [{ path: '/v', type: 'flat' }] } as never }],
    ['computed properties', { computedProperties: [{ name: 'x', query: 'SELECT VALUE 1 FROM c' }] }],
    ['a throughput of 1', { throughput: 1 }],
    ['a policy that is not automatic', { indexingPolicy: { indexingMode: 'consistent', automatic: false } }],
  ])('are refused with %s', async (_, definition) => {
    expect(await statusOf(server.container(definition) as never)).toBe(400)
  })
  it('and databases tell their ETag', async () => {
    for (const one of [await server.container(), server.database]) {
      const { etag, resource } = await one.read()
      expect(etag).toBe(resource?._etag)
    }
  })
  it('refuse in words a delete by partition key, and a throughput that they share', async () => {
    const container = await server.container()
    const { code, message } = await refusalOf(container.deleteAllItemsForPartitionKey('p'))
    expect([code, message]).toEqual([
      400,
      expect.stringContaining('A delete by partition key is not supported'),
    ])
    const shared = await refusalOf(server.client.databases.create({ id: 'shared', throughput: 400 }))
    expect([shared.code, shared.message]).toEqual([400, expect.stringContaining('share')])
  })
  it('tell the definition of their partition key', async () => {
    const container = await server.container()
    expect((await container.getPartitionKeyDefinition()).resource).toMatchObject({
      paths: ['/pk'],
      kind: 'Hash',
      version: 2,
    })
  })
  it('refuse users, permissions, conflicts and keys of clients in words', async () => {
    const { database } = server
    const { conflicts } = await server.container()
    const user = database.user('u')
    for (const refused of [
      () => database.users.create({ id: 'u' }),
      () => database.users.readAll().fetchAll(),
      () => user.read(),
      () => user.permissions.readAll().fetchAll(),
      () => conflicts.readAll().fetchAll(),
      () => database.readClientEncryptionKey('k'),
    ]) {
      const { code, message } = await refusalOf(refused())
      expect([code, message]).toEqual([400, expect.stringContaining('not supported')])
    }
  })
  it.each(['storedProcedures', 'triggers', 'userDefinedFunctions'] as const)(
    'refuse %s in words',
    async (kind) => {
      const { scripts } = await server.container()
      const refusal = await refusalOf(scripts[kind].create({ id: 'x', body: 'function () {}' } as never))
      expect(refusal.code).toBe(400)
      expect(refusal.message).toContain('not supported')
    },
  )
})

describe('hierarchical partition keys', () => {
  const hierarchy = async () => {
    const container = await server.container({
      partitionKey: { paths: ['/tenant', '/user'], kind: PartitionKeyKind.MultiHash, version: 2 },
    })
    for (const [tenant, user] of [
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
      ['ab', 'x'],
    ])
      await container.items.create({ id: '1', tenant, user })
    return container
  }
  it('tell documents apart by all of their values', async () => {
    const container = await hierarchy()
    expect((await container.item('1', ['a', 'y']).read()).resource).toMatchObject({ tenant: 'a', user: 'y' })
    expect((await container.item('1', ['b', 'y']).read()).statusCode).toBe(404)
    expect(await statusOf(container.items.create({ id: '1', tenant: 'a', user: 'x' }))).toBe(409)
  })
  it('want all values for one document', async () => {
    expect(await statusOf((await hierarchy()).item('1', ['a']).read())).toBe(400)
  })
  it.each([
    [['a'], 2],
    [['a', 'x'], 1],
    [['c'], 0],
    [['ab'], 1],
  ])('answer queries within %j', async (partitionKey, count) => {
    const { resources } = await (await hierarchy()).items
      .query('SELECT * FROM c', { partitionKey })
      .fetchAll()
    expect(resources).toHaveLength(count)
  })
})

describe('unique keys', () => {
  const unique = (...paths: string[][]) =>
    server.container({ uniqueKeyPolicy: { uniqueKeys: paths.map((one) => ({ paths: one })) } })
  it('hold within a partition', async () => {
    const { items } = await unique(['/email'])
    expect(await statusOf(items.create({ id: '1', pk: 'p', email: 'a' }))).toBe(201)
    expect(await statusOf(items.create({ id: '2', pk: 'p', email: 'a' }))).toBe(409)
    expect(await statusOf(items.create({ id: '2', pk: 'q', email: 'a' }))).toBe(201)
    expect(await statusOf(items.create({ id: '3', pk: 'p', email: 'b' }))).toBe(201)
  })
  it('of several paths are about all of their values', async () => {
    const { items } = await unique(['/e', '/f'])
    expect(await statusOf(items.create({ id: '1', pk: 'p', e: 1, f: 1 }))).toBe(201)
    expect(await statusOf(items.create({ id: '2', pk: 'p', e: 1, f: 2 }))).toBe(201)
    expect(await statusOf(items.create({ id: '3', pk: 'p', e: 1, f: 2 }))).toBe(409)
  })
  // "Unique key constraints in Azure Cosmos DB": missing values are treated as null values, none is sparse.
  it('count what is not there as null', async () => {
    const { items } = await unique(['/e', '/f'])
    expect(await statusOf(items.create({ id: '1', pk: 'p', f: 1 }))).toBe(201)
    expect(await statusOf(items.create({ id: '2', pk: 'p', f: 1 }))).toBe(409)
    expect(await statusOf(items.create({ id: '3', pk: 'p', e: null, f: 1 }))).toBe(409)
    expect(await statusOf(items.create({ id: '3', pk: 'p', e: null }))).toBe(201)
    expect(await statusOf(items.create({ id: '4', pk: 'p' }))).toBe(409)
    expect(await statusOf(items.create({ id: '4', pk: 'q' }))).toBe(201)
  })
  it('are free again after a change or an end', async () => {
    const container = await unique(['/e'])
    await container.items.create({ id: '1', pk: 'p', e: 1 })
    await container.items.create({ id: '2', pk: 'p', e: 2 })
    expect(await statusOf(container.item('2', 'p').patch([{ op: 'set', path: '/e', value: 1 }]))).toBe(409)
    await container.item('1', 'p').replace({ id: '1', pk: 'p', e: 3 })
    expect(await statusOf(container.item('2', 'p').patch([{ op: 'set', path: '/e', value: 1 }]))).toBe(200)
    await container.item('1', 'p').delete()
    expect(await statusOf(container.items.create({ id: '4', pk: 'p', e: 3 }))).toBe(201)
  })
})

describe('time to live', () => {
  /** The clock of server and SDK, which are in one process. */
  const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())
  it('ends documents by the container, by their own, or not at all', async () => {
    const { items } = await server.container({ defaultTtl: 1 })
    await items.create({ id: 'container', pk: 'p' })
    await items.create({ id: 'own', pk: 'p', ttl: 1000 })
    await items.create({ id: 'never', pk: 'p', ttl: -1 })
    later(2.1)
    const ids = (await items.query('SELECT VALUE c.id FROM c').fetchAll()).resources
    expect(ids.sort()).toEqual(['never', 'own'])
    expect(await statusOf(items.create({ id: 'container', pk: 'p' }))).toBe(201)
  })
  it('of a document counts only where the container has one', async () => {
    const without = await server.container()
    const own = await server.container({ defaultTtl: -1 })
    for (const { items } of [without, own]) {
      await items.create({ id: 'short', pk: 'p', ttl: 1 })
      await items.create({ id: 'long', pk: 'p' })
    }
    later(2.1)
    expect((await without.items.readAll().fetchAll()).resources).toHaveLength(2)
    expect((await own.items.readAll().fetchAll()).resources).toHaveLength(1)
  })
})

describe('keys', () => {
  it.each([
    ['another key', { key: Buffer.from('another key').toString('base64') }, 401],
    ['the right key', { key: emulatorKey }, 200],
  ])('%s', async (_, options, status) => {
    const client = new CosmosClient({ endpoint: server.cosmos.endpoint, ...options })
    expect(await statusOf(client.database('tests').read())).toBe(status)
    client.dispose()
  })
  it('no signature: 401', async () => {
    expect((await fetch(`${server.cosmos.endpoint}/dbs`)).status).toBe(401)
  })
  const signed = (date: string, path = 'dbs/tests') => {
    const text = `get\ndbs\n${path}\n${date.toLowerCase()}\n\n`
    const signature = createHmac('sha256', Buffer.from(emulatorKey, 'base64')).update(text).digest('base64')
    const authorization = encodeURIComponent(`type=master&ver=1.0&sig=${signature}`)
    return fetch(`${server.cosmos.endpoint}/dbs/tests`, { headers: { authorization, 'x-ms-date': date } })
  }
  it('a signature for something else: 401', async () => {
    expect((await signed(new Date().toUTCString(), 'dbs/other')).status).toBe(401)
    expect((await signed(new Date().toUTCString())).status).toBe(200)
  })
  it('an old signature: 403', async () => {
    expect((await signed(new Date(Date.now() - 3_600_000).toUTCString())).status).toBe(403)
  })
})

describe('throughput', () => {
  it('spent: 429 with the time to wait, after which the SDK comes again', async () => {
    // Nothing comes in again while the clock stands still.
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const cosmos = await startCosmos({
      port: 0,
      throughput: 60,
      databases: [{ id: 'd', containers: [{ id: 'c', partitionKey: { paths: ['/id'] } }] as never }],
    })
    const impatient = new CosmosClient({
      endpoint: cosmos.endpoint,
      key: emulatorKey,
      connectionPolicy: {
        retryOptions: {
          maxRetryAttemptCount: 0,
          fixedRetryIntervalInMilliseconds: 0,
          maxWaitTimeInSeconds: 0,
        },
      },
    })
    const { items } = impatient.database('d').container('c')
    const many = await Promise.all(
      Array.from({ length: 40 }, () =>
        items.create({ id: randomUUID() }).then(
          () => undefined,
          (error: { code: number; headers: Record<string, string> }) => error,
        ),
      ),
    )
    const refused = many.filter((error) => error !== undefined)
    expect(refused.length).toBeGreaterThan(0)
    for (const { code, headers } of refused) {
      expect(code).toBe(429)
      expect(Number(headers['x-ms-retry-after-ms'])).toBeGreaterThan(0)
    }
    const patient = new CosmosClient({ endpoint: cosmos.endpoint, key: emulatorKey })
    const created = patient.database('d').container('c').items.create({ id: 'patient' })
    setTimeout(() => vi.setSystemTime(Date.now() + 10_000), 50)
    expect((await created).statusCode).toBe(201)
    impatient.dispose()
    patient.dispose()
    await cosmos.close()
  })
})
