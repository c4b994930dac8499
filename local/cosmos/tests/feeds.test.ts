import { ChangeFeedMode, ChangeFeedStartFrom, type Container, PartitionKeyKind } from '@azure/cosmos'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { refusalOf, send, serve, statusOf } from './client.ts'

// Expectations: "Change feed pull model", "Pagination", "Query metrics", "Indexing policies" on Microsoft Learn, and what
// the JavaScript SDK reads of the answers. The language of the queries has tests of its own, in `query/tests`.

const server = serve()

describe('queries', () => {
  let container: Container
  beforeAll(async () => {
    container = await server.container({
      indexingPolicy: {
        includedPaths: [{ path: '/*' }],
        excludedPaths: [{ path: '/hidden/*' }],
        compositeIndexes: [
          [
            { path: '/a', order: 'ascending' },
            { path: '/n', order: 'descending' },
          ],
        ],
      },
    })
    for (let n = 0; n < 30; n++)
      await container.items.create({
        id: `${n}`,
        pk: n % 3 ? 'p' : 'q',
        n,
        a: n % 5,
        hidden: n,
        tags: ['x', `t${n % 2}`],
      })
  })
  const ask = async (query: string, options = {}) =>
    (await container.items.query(query, options).fetchAll()).resources

  it.each<[string, unknown[]]>([
    ['SELECT VALUE c.n FROM c WHERE c.n < 3 ORDER BY c.n DESC', [2, 1, 0]],
    ['SELECT VALUE COUNT(1) FROM c', [30]],
    ['SELECT TOP 2 VALUE c.n FROM c ORDER BY c.n', [0, 1]],
    ['SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 5 LIMIT 2', [5, 6]],
    [
      'SELECT c.a, COUNT(1) AS k FROM c WHERE c.n < 7 GROUP BY c.a',
      [
        { a: 0, k: 2 },
        { a: 1, k: 2 },
        { a: 2, k: 1 },
        { a: 3, k: 1 },
        { a: 4, k: 1 },
      ],
    ],
    ['SELECT DISTINCT VALUE c.pk FROM c', ['p', 'q']],
    ['SELECT VALUE t FROM c JOIN t IN c.tags WHERE c.n = 1', ['x', 't1']],
    ['SELECT VALUE MAX(c.n) FROM c', [29]],
    ['SELECT VALUE AVG(c.n) FROM c', [14.5]],
    ["SELECT VALUE c.n FROM c WHERE c.id LIKE '2_' AND c.n > 27 ORDER BY c.n", [28, 29]],
    ['SELECT VALUE c.n FROM c WHERE c.n IN (3, 5) ORDER BY c.n', [3, 5]],
    ['SELECT VALUE c.n FROM c WHERE c.n BETWEEN 3 AND 5 ORDER BY c.n', [3, 4, 5]],
    ['SELECT VALUE c.n FROM c WHERE c.a = 0 ORDER BY c.a ASC, c.n DESC', [25, 20, 15, 10, 5, 0]],
    ['SELECT VALUE c.n FROM c WHERE c.a = 0 ORDER BY c.a DESC, c.n ASC', [0, 5, 10, 15, 20, 25]],
  ])('%s', async (query, expected) => {
    const found = await ask(query)
    if (query.includes('ORDER')) expect(found).toEqual(expected)
    else
      expect(new Set(found.map((one) => JSON.stringify(one)))).toEqual(
        new Set(expected.map((one) => JSON.stringify(one))),
      )
  })
  it.each(['ORDER BY c.hidden', 'ORDER BY c.a, c.n', 'WHERE', 'WHERE c.n = '])(
    'refuses SELECT * FROM c %s',
    async (rest) => {
      expect(await statusOf(container.items.query(`SELECT * FROM c ${rest}`).fetchAll() as never)).toBe(400)
    },
  )
  it('keep to their partition', async () => {
    expect(await ask('SELECT VALUE COUNT(1) FROM c', { partitionKey: 'q' })).toEqual([10])
    expect(await ask('SELECT VALUE c.n FROM c ORDER BY c.n DESC', { partitionKey: 'q' })).toEqual([
      27, 24, 21, 18, 15, 12, 9, 6, 3, 0,
    ])
    expect((await container.items.readAll({ partitionKey: 'q' }).fetchAll()).resources).toHaveLength(10)
  })
  it('come in pages, each going on where the last ended', async () => {
    const seen: number[] = []
    let continuationToken: string | undefined
    do {
      const page = await container.items
        .query<number>('SELECT VALUE c.n FROM c ORDER BY c.n', {
          maxItemCount: 7,
          ...(continuationToken && { continuationToken }),
        })
        .fetchNext()
      expect(page.resources.length).toBeLessThanOrEqual(7)
      seen.push(...page.resources)
      continuationToken = page.continuationToken
    } while (continuationToken)
    expect(seen).toEqual(Array.from({ length: 30 }, (_, n) => n))
  })
  it('begin again when they are told to, and come as an async iterator', async () => {
    const iterator = container.items.query('SELECT VALUE c.n FROM c ORDER BY c.n', { maxItemCount: 20 })
    const { resources } = await iterator.fetchNext()
    expect([resources.length, iterator.hasMoreResults()]).toEqual([20, true])
    iterator.reset()
    expect((await iterator.fetchNext()).resources).toEqual(resources)
    const sizes: number[] = []
    for await (const page of container.items.readAll({ maxItemCount: 20 }).getAsyncIterator())
      sizes.push(page.resources.length)
    expect(sizes).toEqual([20, 10])
  })
  it('are planned for the one range of hashes that there is', async () => {
    const { result } = await container.getQueryPlan('SELECT TOP 2 * FROM c ORDER BY c.n')
    expect(result?.queryRanges).toEqual([{ min: '', max: 'FF', isMinInclusive: true, isMaxInclusive: false }])
    expect((await container.readPartitionKeyRanges().fetchAll()).resources).toMatchObject([
      { id: '0', minInclusive: '', maxExclusive: 'FF' },
    ])
    expect((await refusalOf(container.getQueryPlan('SELEC'))).code).toBe(400)
  })
  it('take parameters', async () => {
    const query = { query: 'SELECT VALUE c.n FROM c WHERE c.n = @n', parameters: [{ name: '@n', value: 4 }] }
    expect((await container.items.query(query).fetchAll()).resources).toEqual([4])
  })
  it.each([{ forceQueryPlan: true }, { enableQueryControl: true }])(
    'answer by the query plan, too: %j',
    async (options) => {
      expect(await ask('SELECT VALUE c.n FROM c WHERE c.n < 3 ORDER BY c.n', options)).toEqual([0, 1, 2])
    },
  )
  it('tell what they read', async () => {
    const query = 'SELECT * FROM c WHERE c.n = 1'
    const { requestCharge, queryMetrics } = (await container.items
      .query(query, { populateQueryMetrics: true })
      .fetchAll()) as unknown as { requestCharge: number; queryMetrics: { 0: Record<string, unknown> } }
    expect(requestCharge).toBeGreaterThan(2)
    expect(queryMetrics[0]).toMatchObject({ outputDocumentCount: 1 })
  })
  // "Indexing metrics in Azure Cosmos DB".
  it.each<[string, { used: string[]; composite?: string[]; wanted?: string[]; potential?: string[] }]>([
    ['WHERE c.n = 1', { used: ['/n/?'] }],
    ['WHERE c.hidden = 1', { used: [], wanted: ['/hidden/?'] }],
    ['WHERE c.pk = "p" AND c.n > 2', { used: ['/pk/?', '/n/?'], potential: ['/pk ASC', '/n ASC'] }],
    ['WHERE c.a = 1 ORDER BY c.n DESC', { used: ['/a/?', '/n/?'], composite: ['/a ASC', '/n DESC'] }],
    ['WHERE c.pk = "p" ORDER BY c.n DESC', { used: ['/pk/?', '/n/?'], potential: ['/pk ASC', '/n DESC'] }],
    ['ORDER BY c.a DESC, c.n ASC', { used: ['/a/?', '/n/?'], composite: ['/a ASC', '/n DESC'] }],
    ['', { used: [] }],
  ])('tell which indexes they use, and which would help: SELECT * FROM c %s', async (rest, expected) => {
    const options = { populateIndexMetrics: true, forceQueryPlan: false }
    const { indexMetrics } = await container.items.query(`SELECT * FROM c ${rest}`, options).fetchNext()
    const { used, composite, wanted = [], potential } = expected
    expect(JSON.parse(indexMetrics)).toEqual({
      Utilized: {
        SingleIndexes: used.map((IndexSpec) => ({ IndexSpec })),
        CompositeIndexes: composite ? [{ IndexSpecs: composite }] : [],
      },
      Potential: {
        SingleIndexes: wanted.map((IndexSpec) => ({ IndexSpec, IndexImpactScore: 'High' })),
        CompositeIndexes: potential ? [{ IndexSpecs: potential, IndexImpactScore: 'High' }] : [],
      },
    })
  })
  it('say where they cannot be read', async () => {
    const { message, code } = await refusalOf(container.items.query('SELEC * FROM c').fetchAll())
    expect(code).toBe(400)
    expect(message).toContain('"errors"')
  })
})

describe('the change feed', () => {
  const changesOf = async (container: Container, start: ChangeFeedStartFrom, maxItemCount = 100) => {
    const iterator = container.items.getChangeFeedIterator({ changeFeedStartFrom: start, maxItemCount })
    const ids: string[] = []
    for (;;) {
      const { result, statusCode, continuationToken } = await iterator.readNext()
      if (statusCode === 304) return { ids, continuationToken }
      ids.push(...(result as unknown as { id: string; n: number }[]).map(({ id, n }) => `${id}:${n}`))
    }
  }
  const filled = async () => {
    const container = await server.container()
    for (let n = 0; n < 5; n++) await container.items.create({ id: `${n}`, pk: n % 2 ? 'p' : 'q', n })
    return container
  }
  it('has each document once, as it is now, in the order of the changes', async () => {
    const container = await filled()
    await container.item('0', 'q').patch([{ op: 'set', path: '/n', value: 9 }])
    await container.item('1', 'p').delete()
    expect((await changesOf(container, ChangeFeedStartFrom.Beginning())).ids).toEqual([
      '2:2',
      '3:3',
      '4:4',
      '0:9',
    ])
  })
  it('comes in pages', async () => {
    expect((await changesOf(await filled(), ChangeFeedStartFrom.Beginning(), 2)).ids).toHaveLength(5)
  })
  it('of one partition', async () => {
    expect((await changesOf(await filled(), ChangeFeedStartFrom.Beginning('p'))).ids).toEqual(['1:1', '3:3'])
  })
  it('is read the older way, too', async () => {
    const container = await filled()
    const one = container.items.changeFeed<{ id: string }>('p', { startFromBeginning: true })
    const { result, continuation } = await one.fetchNext()
    expect(result.map(({ id }) => id)).toEqual(['1', '3'])
    await container.items.create({ id: 'new', pk: 'p' })
    const rest = container.items.readChangeFeed<{ id: string }>('p', { continuation })
    expect((await rest.fetchNext()).result.map(({ id }) => id)).toEqual(['new'])
  })
  it('goes on where it ended', async () => {
    const container = await filled()
    const { continuationToken } = await changesOf(container, ChangeFeedStartFrom.Beginning())
    await container.items.create({ id: 'new', pk: 'p', n: 1 })
    expect((await changesOf(container, ChangeFeedStartFrom.Continuation(continuationToken))).ids).toEqual([
      'new:1',
    ])
  })
  it('from now on', async () => {
    const container = await filled()
    const { ids, continuationToken } = await changesOf(container, ChangeFeedStartFrom.Now())
    expect(ids).toEqual([])
    await container.item('2', 'q').patch([{ op: 'incr', path: '/n', value: 1 }])
    expect((await changesOf(container, ChangeFeedStartFrom.Continuation(continuationToken))).ids).toEqual([
      '2:3',
    ])
  })
  it('from a time on', async () => {
    const container = await filled()
    const hour = 3_600_000
    expect(
      (await changesOf(container, ChangeFeedStartFrom.Time(new Date(Date.now() - hour)))).ids,
    ).toHaveLength(5)
    expect(
      (await changesOf(container, ChangeFeedStartFrom.Time(new Date(Date.now() + hour)))).ids,
    ).toHaveLength(0)
  })
  it('of the first part of a hierarchical key', async () => {
    const container = await server.container({
      partitionKey: { paths: ['/t', '/u'], kind: PartitionKeyKind.MultiHash, version: 2 },
    })
    for (const [t, u] of [
      ['a', 'x'],
      ['b', 'x'],
      ['a', 'y'],
    ])
      await container.items.create({ id: `${t}${u}`, t, u, n: 0 })
    expect((await changesOf(container, ChangeFeedStartFrom.Beginning(['a']))).ids).toEqual(['ax:0', 'ay:0'])
  })
  it('with all versions is refused in words', async () => {
    const container = await filled()
    const iterator = container.items.getChangeFeedIterator({
      changeFeedStartFrom: ChangeFeedStartFrom.Now(),
      changeFeedMode: ChangeFeedMode.AllVersionsAndDeletes,
    })
    expect((await refusalOf(iterator.readNext())).message).toContain('not supported')
  })
  it('tells the ranges of its hashes', async () => {
    const ranges = await (await filled()).getFeedRanges()
    expect(JSON.parse(JSON.stringify(ranges))).toEqual([{ minInclusive: '', maxExclusive: 'FF' }])
  })
})

describe('sessions', () => {
  it('tell how far a client has seen a container, and refuse what is not there yet', async () => {
    const container = await server.container()
    const { headers } = await container.items.create({ id: '1', pk: 'p' })
    const token = String(headers['x-ms-session-token'])
    expect(token).toMatch(/^0:\d+#1$/)
    expect((await container.item('1', 'p').read({ sessionToken: token })).statusCode).toBe(200)
    const read = (sessionToken: string) =>
      send(server.cosmos, 'GET', `dbs/tests/colls/${container.id}/docs/1`, {
        headers: { 'x-ms-session-token': sessionToken, 'x-ms-documentdb-partitionkey': '["p"]' },
      })
    expect((await read(token)).status).toBe(200)
    const ahead = await read(token.replace('#1', '#99'))
    expect([ahead.status, ahead.headers.get('x-ms-substatus')]).toEqual([404, '1002'])
    // Of a container of this name that was there before, be it in the same second.
    expect((await read('0:1#99')).status).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'] })
    const makeAnew = async () => {
      await container.delete()
      await server.database.containers.create({ id: container.id, partitionKey: '/pk' })
      return String((await container.items.create({ id: '1', pk: 'p' })).headers['x-ms-session-token'])
    }
    const earlier = await makeAnew()
    await makeAnew()
    vi.useRealTimers()
    expect((await read(earlier.replace('#1', '#99'))).status).toBe(200)
  })
})
