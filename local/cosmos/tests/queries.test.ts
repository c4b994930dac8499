import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Container,
  CosmosClient,
  type ErrorResponse,
  type FeedOptions,
  type SqlQuerySpec,
} from '@azure/cosmos'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cosmos, emulatorKey, startCosmos } from '../index.ts'

// Through the unmodified @azure/cosmos. Expectations: "NoSQL query language", "Indexing policies" and "Pagination" on
// Microsoft Learn, and the SDK's own public tests (azure-sdk-for-js, sdk/cosmosdb/cosmos/test/public).

const people = [
  {
    id: '1',
    team: 'red',
    name: 'Ann',
    age: 31,
    tags: ['a', 'b'],
    home: { city: 'Oslo', zip: '0150' },
    joined: '2024-03-05T08:00:00Z',
  },
  {
    id: '2',
    team: 'red',
    name: 'Bob',
    age: 25,
    tags: ['b'],
    home: { city: 'Rome', zip: '00100' },
    joined: '2024-01-15T09:30:00Z',
  },
  {
    id: '3',
    team: 'blue',
    name: 'Cid',
    age: 40,
    tags: [],
    home: { city: 'Oslo', zip: '0151' },
    pets: [
      { kind: 'cat', n: 1 },
      { kind: 'dog', n: 2 },
    ],
    joined: '2023-12-31T23:59:59Z',
  },
  { id: '4', team: 'blue', name: 'dan', age: null, tags: ['c', 'a'], joined: '2024-03-06T00:00:00Z' },
  {
    id: '5',
    team: 'blue',
    name: 'Eve',
    age: '31',
    tags: ['d'],
    home: { city: 'Bern' },
    pets: [{ kind: 'cat', n: 3 }],
    joined: '2025-01-01T00:00:00Z',
  },
  { id: '6', team: 'green', name: 'Fay', tags: null, home: 'none', 'first name': 'F', order: 6 },
]

let folder: string
let cosmos: Cosmos
let client: CosmosClient
let container: Container

async function start() {
  cosmos = await startCosmos({ port: 0, dataDir: folder })
  client = new CosmosClient({ endpoint: cosmos.endpoint, key: emulatorKey })
  container = client.database('db').container('people')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cosmos-queries-'))
  await start()
  const { database } = await client.databases.create({ id: 'db' })
  await database.containers.create({
    id: 'people',
    partitionKey: { paths: ['/team'] },
    indexingPolicy: {
      indexingMode: 'consistent',
      includedPaths: [{ path: '/*' }],
      excludedPaths: [{ path: '/secret/?' }, { path: '/"_etag"/?' }],
      compositeIndexes: [
        [
          { path: '/team', order: 'ascending' },
          { path: '/name', order: 'descending' },
        ],
        [
          { path: '/kind', order: 'ascending' },
          { path: '/n', order: 'ascending' },
        ],
      ],
    },
  })
  for (const person of people) await container.items.create(person)
  await database.containers.create({ id: 'many', partitionKey: { paths: ['/id'] } })
  const many = database.container('many')
  const documents = Array.from({ length: 250 }, (_, i) => ({
    id: `d${String(i).padStart(3, '0')}`,
    n: i,
    kind: i % 3,
    even: i % 2 === 0,
  }))
  for (let i = 0; i < documents.length; i += 50)
    await Promise.all(documents.slice(i, i + 50).map((document) => many.items.create(document)))
})

afterAll(async () => {
  client?.dispose()
  await cosmos?.close()
  await rm(folder, { recursive: true, force: true })
})

const ask = async (query: string | SqlQuerySpec, options: FeedOptions = {}, of = container) =>
  (await of.items.query(query, options).fetchAll()).resources

async function refusal(query: string, options: FeedOptions = {}): Promise<ErrorResponse> {
  return ask(query, options).then(
    () => Promise.reject(new Error(`Taken: ${query}`)),
    (error: ErrorResponse) => error,
  )
}

describe('the SDK asks', () => {
  it.each<[query: string, expected: unknown[]]>([
    ['SELECT VALUE c.id FROM c', ['1', '2', '3', '4', '5', '6']],
    [
      'SELECT c.id, c.name FROM c WHERE c.team = "red"',
      [
        { id: '1', name: 'Ann' },
        { id: '2', name: 'Bob' },
      ],
    ],
    ['SELECT VALUE p.name FROM people p WHERE p.age > 30', ['Ann', 'Cid']],
    ['SELECT VALUE c.id FROM c WHERE c.age = "31"', ['5']],
    ['SELECT VALUE c.id FROM c WHERE c.age = null', ['4']],
    ['SELECT VALUE c.id FROM c WHERE NOT IS_DEFINED(c.age)', ['6']],
    ['SELECT VALUE c.id FROM c WHERE c.age != 31', ['2', '3', '4', '5']],
    ['SELECT VALUE c.id FROM c WHERE c.age BETWEEN 25 AND 31', ['1', '2']],
    ['SELECT VALUE c.id FROM c WHERE c.age NOT BETWEEN 25 AND 31', ['3']],
    ['SELECT VALUE c.id FROM c WHERE c.name IN ("Ann", "Eve", "x")', ['1', '5']],
    ['SELECT VALUE c.id FROM c WHERE c.name NOT IN ("Ann", "Eve")', ['2', '3', '4', '6']],
    ['SELECT VALUE c.id FROM c WHERE c.name LIKE "_a%"', ['4', '6']],
    ['SELECT VALUE c.id FROM c WHERE c.name NOT LIKE "%n"', ['2', '3', '5', '6']],
    ['SELECT VALUE c.id FROM c WHERE c.home.zip LIKE "01!50" ESCAPE "!"', ['1']],
    ['SELECT VALUE c.id FROM c WHERE c.home.city = "Oslo" AND c.age < 40', ['1']],
    ['SELECT VALUE c.id FROM c WHERE c.home.city = "Oslo" OR c.home.city = "Rome"', ['1', '2', '3']],
    ['SELECT VALUE c.id FROM c WHERE NOT (c.team = "red") AND c.age > 0', ['3']],
    ['SELECT VALUE c["first name"] FROM c', ['F']],
    ['SELECT VALUE c["order"] FROM c', [6]],
    ['SELECT VALUE c.id FROM c WHERE c.home = {"zip": "0150", "city": "Oslo"}', ['1']],
    ['SELECT VALUE c.id FROM c WHERE c.tags = ["b"]', ['2']],
    ['SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, "a")', ['1', '4']],
    ['SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.pets, {"kind": "cat"}, true)', ['3', '5']],
    ['SELECT VALUE c.id FROM c WHERE ARRAY_LENGTH(c.tags) = 2', ['1', '4']],
    ['SELECT VALUE c.id FROM c WHERE STARTSWITH(c.name, "e", true)', ['5']],
    ['SELECT VALUE c.id FROM c WHERE STARTSWITH(c.name, "A")', ['1']],
    ['SELECT VALUE c.id FROM c WHERE CONTAINS(c.name, "AN", true)', ['1', '4']],
    ['SELECT VALUE c.id FROM c WHERE ENDSWITH(c.name, "b")', ['2']],
    ['SELECT VALUE c.id FROM c WHERE StringEquals(c.name, "DAN", true)', ['4']],
    ['SELECT VALUE c.id FROM c WHERE RegexMatch(c.name, "^[a-d]", "i")', ['1', '2', '3', '4']],
    ['SELECT VALUE c.id FROM c WHERE IS_STRING(c.age) OR IS_NULL(c.age)', ['4', '5']],
    ['SELECT VALUE c.id FROM c WHERE IS_OBJECT(c.home)', ['1', '2', '3', '5']],
    ['SELECT VALUE c.id FROM c WHERE IS_ARRAY(c.tags) AND c.age > 1', ['1', '2', '3']],
    ['SELECT VALUE c.id FROM c WHERE c.joined >= "2024-03-01" AND c.joined < "2024-04-01"', ['1', '4']],
    ['SELECT VALUE c.id FROM c WHERE DateTimePart("year", c.joined) = 2024', ['1', '2', '4']],
    ['SELECT VALUE DateTimeDiff("day", c.joined, "2024-03-05T00:00:00Z") FROM c WHERE c.id = "2"', [50]],
    ['SELECT VALUE DateTimeAdd("mm", 1, c.joined) FROM c WHERE c.id = "3"', ['2024-01-31T23:59:59.0000000Z']],
    ['SELECT VALUE c.name ?? "?" FROM c WHERE c.id = "1"', ['Ann']],
    ['SELECT VALUE c.age ?? "?" FROM c WHERE c.team != "red"', [40, null, '31', '?']],
    ['SELECT VALUE c.age > 30 ? "old" : "young" FROM c WHERE IS_NUMBER(c.age)', ['old', 'young', 'old']],
    ['SELECT VALUE IIF(c.age > 30, 1, 0) FROM c', [1, 0, 1, 0, 0, 0]],
    ['SELECT VALUE c.name || "!" FROM c WHERE c.team = "red"', ['Ann!', 'Bob!']],
    ['SELECT VALUE c.age % 7 FROM c WHERE IS_NUMBER(c.age)', [3, 4, 5]],
    ['SELECT VALUE c.age & 1 FROM c WHERE IS_NUMBER(c.age)', [1, 1, 0]],
    ['SELECT VALUE ROUND(c.age / -10) FROM c WHERE c.id = "2"', [-3]],
    [
      'SELECT VALUE {"who": c.name, "where": c.home.city} FROM c WHERE c.team = "red"',
      [
        { who: 'Ann', where: 'Oslo' },
        { who: 'Bob', where: 'Rome' },
      ],
    ],
    ['SELECT VALUE [c.id, c.age, c.missing] FROM c WHERE c.id = "1"', [['1', 31]]],
    ['SELECT c.home.city, c.age + 1 FROM c WHERE c.id = "1"', [{ city: 'Oslo', $1: 32 }]],
    ['SELECT c.missing FROM c WHERE c.id = "1"', [{}]],
    ['SELECT VALUE 1 + 1', [2]],
    ['SELECT VALUE t FROM t IN c.tags', ['a', 'b', 'b', 'c', 'a', 'd']],
    [
      'SELECT c.id, t FROM c JOIN t IN c.tags WHERE t = "a"',
      [
        { id: '1', t: 'a' },
        { id: '4', t: 'a' },
      ],
    ],
    ['SELECT VALUE p.kind FROM c JOIN p IN c.pets WHERE p.n > 1', ['dog', 'cat']],
    [
      'SELECT VALUE [a, b] FROM c JOIN a IN c.tags JOIN b IN c.tags WHERE a < b',
      [
        ['a', 'b'],
        ['a', 'c'],
      ],
    ],
    [
      'SELECT VALUE p FROM c JOIN (SELECT VALUE p FROM p IN c.pets WHERE p.n = 2) AS p',
      [{ kind: 'dog', n: 2 }],
    ],
    ['SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE p FROM p IN c.pets WHERE p.kind = "dog")', ['3']],
    [
      'SELECT c.id, EXISTS(SELECT VALUE t FROM t IN c.tags) AS tagged FROM c WHERE c.team = "blue"',
      [
        { id: '3', tagged: false },
        { id: '4', tagged: true },
        { id: '5', tagged: true },
      ],
    ],
    ['SELECT VALUE ARRAY(SELECT VALUE p.n FROM p IN c.pets) FROM c WHERE c.team = "blue"', [[1, 2], [], [3]]],
    [
      'SELECT c.id, (SELECT VALUE SUM(p.n) FROM p IN c.pets) AS n FROM c WHERE IS_ARRAY(c.pets)',
      [
        { id: '3', n: 3 },
        { id: '5', n: 3 },
      ],
    ],
    ['SELECT VALUE COUNT(1) FROM c', [6]],
    ['SELECT VALUE COUNT(c.home.zip) FROM c', [3]],
    ['SELECT COUNT(1) AS n, SUM(c.age) AS sum FROM c WHERE IS_NUMBER(c.age)', [{ n: 3, sum: 96 }]],
    ['SELECT VALUE AVG(c.age) FROM c WHERE IS_NUMBER(c.age)', [32]],
    ['SELECT VALUE MIN(c.name) FROM c', ['Ann']],
    ['SELECT VALUE MAX(c.name) FROM c', ['dan']],
    ['SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.home.city FROM c) s', [3]],
    ['SELECT VALUE s.n FROM (SELECT c.name AS n FROM c WHERE c.team = "red") s WHERE s.n != "Bob"', ['Ann']],
    ['SELECT DISTINCT VALUE c.team FROM c', ['blue', 'green', 'red']],
    [
      'SELECT DISTINCT c.home.city FROM c WHERE c.team = "red" ORDER BY c.home.city DESC',
      [{ city: 'Rome' }, { city: 'Oslo' }],
    ],
    [
      'SELECT c.team, COUNT(1) AS n FROM c GROUP BY c.team',
      [
        { team: 'blue', n: 3 },
        { team: 'green', n: 1 },
        { team: 'red', n: 2 },
      ],
    ],
    [
      'SELECT c.team, MIN(c.name) AS first FROM c WHERE c.team != "green" GROUP BY c.team',
      [
        { team: 'blue', first: 'Cid' },
        { team: 'red', first: 'Ann' },
      ],
    ],
    ['SELECT VALUE c.team FROM c GROUP BY c.team OFFSET 1 LIMIT 1', ['green']],
    ['SELECT VALUE c.name FROM c ORDER BY c.name', ['Ann', 'Bob', 'Cid', 'Eve', 'Fay', 'dan']],
    ['SELECT VALUE c.id FROM c ORDER BY c.age', ['6', '4', '2', '1', '3', '5']],
    ['SELECT VALUE c.id FROM c ORDER BY c.age DESC', ['5', '3', '1', '2', '4', '6']],
    ['SELECT VALUE c.id FROM c WHERE c.age > 0 ORDER BY c.home.city', ['1', '3', '2']],
    ['SELECT VALUE c.id FROM c ORDER BY c.team ASC, c.name DESC', ['4', '5', '3', '6', '2', '1']],
    ['SELECT VALUE c.id FROM c ORDER BY c.team DESC, c.name ASC', ['1', '2', '6', '3', '5', '4']],
    ['SELECT TOP 2 VALUE c.id FROM c ORDER BY c.name DESC', ['4', '6']],
    ['SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 2 LIMIT 2', ['3', '4']],
    ['SELECT VALUE c.id FROM c WHERE c.age > 0 OFFSET 1 LIMIT 5', ['2', '3']],
    [
      'SELECT VALUE c.id FROM c /* all */ WHERE true -- of them\nORDER BY c._ts',
      ['1', '2', '3', '4', '5', '6'],
    ],
    ['select value upper(c.name) from c where c.id = "4"', ['DAN']],
    ['SELECT VALUE c.id FROM c WHERE c.id = "it\'s \\"quoted\\""', []],
    ['SELECT VALUE ObjectToArray(c.home) FROM c WHERE c.id = "5"', [[{ k: 'city', v: 'Bern' }]]],
    ['SELECT VALUE StringToNumber(c.age) FROM c WHERE c.id = "5"', [31]],
    ['SELECT VALUE SetUnion(c.tags, ["z"]) FROM c WHERE c.id = "1"', [['a', 'b', 'z']]],
  ])('%s', async (query, expected) => expect(await ask(query)).toEqual(expected))

  it('with parameters of every type', async () => {
    const query =
      'SELECT VALUE c.id FROM c WHERE c.team = @team AND (c.age = @age OR c.home = @home OR c.tags = @tags)'
    const parameters = [
      { name: '@team', value: 'blue' },
      { name: '@age', value: null },
      { name: '@home', value: { city: 'Bern' } },
      { name: '@tags', value: [] },
    ]
    expect(await ask({ query, parameters })).toEqual(['3', '4', '5'])
    expect(
      await ask({
        query: 'SELECT TOP @n VALUE c.id FROM c ORDER BY c.id',
        parameters: [{ name: '@n', value: 1 }],
      }),
    ).toEqual(['1'])
  })

  it.each<[string, unknown[]]>([
    ['SELECT VALUE c.id FROM c', ['3', '4', '5']],
    ['SELECT VALUE COUNT(1) FROM c', [3]],
    ['SELECT VALUE c.id FROM c WHERE c.name < "E" ORDER BY c.name', ['3']],
    ['SELECT VALUE c.id FROM c ORDER BY c.name DESC', ['4', '5', '3']],
    ['SELECT DISTINCT VALUE c.team FROM c', ['blue']],
    ['SELECT c.team, COUNT(1) AS n FROM c GROUP BY c.team', [{ team: 'blue', n: 3 }]],
    ['SELECT VALUE c.id FROM c WHERE c.team = "red"', []],
  ])('within a partition only: %s', async (query, expected) => {
    expect(await ask(query, { partitionKey: 'blue' })).toEqual(expected)
  })

  it.each<[string, unknown[]]>([
    ['SELECT VALUE c.id FROM c ORDER BY c.name DESC', ['4', '6', '5', '3', '2', '1']],
    ['SELECT VALUE COUNT(1) FROM c', [6]],
    ['SELECT TOP 3 VALUE c.id FROM c', ['1', '2', '3']],
    ['SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 1 LIMIT 2', ['2', '3']],
  ])('for a plan of the query first: %s', async (query, expected) => {
    expect(await ask(query, { forceQueryPlan: true })).toEqual(expected)
    expect(await ask(query, { forceQueryPlan: true, enableQueryControl: true })).toEqual(expected)
  })

  it('for all documents of a container or partition', async () => {
    expect((await container.items.readAll().fetchAll()).resources).toHaveLength(6)
    expect((await container.items.readAll({ partitionKey: 'red' }).fetchAll()).resources).toHaveLength(2)
  })

  it('and gets documents with their system properties', async () => {
    const [document] = await ask('SELECT * FROM c WHERE c.id = "1"')
    expect(document).toMatchObject(people[0] as object)
    expect(Object.keys(document)).toEqual(
      expect.arrayContaining(['_rid', '_self', '_etag', '_attachments', '_ts']),
    )
    const { resource } = await container.item('1', 'red').read()
    expect(document).toEqual(resource)
  })
})

describe('the SDK is refused', () => {
  it.each([
    ['SELECT * FROM c WHERE c.order = 1', 'SC1001', "Syntax error, incorrect syntax near 'order'."],
    ['SELECT * FORM c', 'SC1001', "Syntax error, incorrect syntax near 'FORM'."],
    ['SELECT * FROM', 'SC1002', 'Syntax error, unexpected end-of-file.'],
    ['SELECT x.id FROM c', 'SC2001', "Identifier 'x' could not be resolved."],
    ['SELECT VALUE NOPE(1)', 'SC2005', "'NOPE' is not a recognized built-in function name."],
    ['SELECT VALUE LOWER() FROM c', 'SC2050', 'The LOWER function requires 1 argument(s).'],
    ['SELECT * FROM c JOIN t IN c.tags', '', "'SELECT *' is only valid with a single input set."],
    [
      'SELECT * FROM c ORDER BY c.secret',
      '',
      'The index path corresponding to the specified order-by item is excluded.',
    ],
    [
      'SELECT * FROM c ORDER BY c.name, c.team',
      '',
      'The order by query does not have a corresponding composite index that it can be served from.',
    ],
    [
      'SELECT * FROM c ORDER BY c.team, c.name',
      '',
      'The order by query does not have a corresponding composite index that it can be served from.',
    ],
    [
      'SELECT * FROM c ORDER BY UPPER(c.name)',
      '',
      'ORDER BY item expression could not be mapped to a document path.',
    ],
    ['SELECT VALUE udf.f(c.id) FROM c', '', 'User-defined functions are not supported'],
    ['SELECT VALUE VectorDistance(c.a, [1]) FROM c', '', 'does not imitate vector search'],
    ['SELECT * FROM c WHERE FullTextContains(c.name, "a")', '', 'does not imitate full-text search'],
  ])('%s', async (query, code, text) => {
    const error = await refusal(query)
    expect(error.code).toBe(400)
    expect(error.body?.code).toBe('BadRequest')
    expect(error.body?.message).toContain(text)
    if (code) expect(error.body?.message).toContain(code)
    expect(error.body?.message).toMatch(/ActivityId: [0-9a-f-]{36}/)
  })
})

describe('pages', () => {
  const many = () => client.database('db').container('many')

  async function pages(query: string, maxItemCount: number, between?: (page: number) => Promise<void>) {
    const found: unknown[][] = []
    let continuationToken: string | undefined
    do {
      const options = { maxItemCount, ...(continuationToken !== undefined && { continuationToken }) }
      const page = await many().items.query(query, options).fetchNext()
      found.push(page.resources ?? [])
      continuationToken = page.continuationToken
      await between?.(found.length)
    } while (continuationToken)
    return found
  }

  it.each<[query: string, sizes: number[]]>([
    ['SELECT VALUE c.n FROM c', [100, 100, 50]],
    ['SELECT VALUE c.n FROM c ORDER BY c.n DESC', [100, 100, 50]],
    ['SELECT VALUE c.n FROM c WHERE c.even ORDER BY c.n', [100, 25]],
    ['SELECT TOP 120 VALUE c.n FROM c ORDER BY c.id', [100, 20]],
    ['SELECT VALUE c.n FROM c ORDER BY c.id OFFSET 30 LIMIT 150', [100, 50]],
    ['SELECT DISTINCT VALUE c.n FROM c', [100, 100, 50]],
    ['SELECT c.n, COUNT(1) AS k FROM c GROUP BY c.n', [100, 100, 50]],
    ['SELECT VALUE s.n FROM (SELECT c.n FROM c) s', [100, 100, 50]],
    ['SELECT VALUE COUNT(1) FROM c', [1]],
  ])('%s', async (query, sizes) => {
    const found = await pages(query, 100)
    expect(found.map((page) => page.length)).toEqual(sizes)
    const all = found.flat().map((value) => JSON.stringify(value))
    expect(new Set(all).size).toBe(all.length)
  })

  it.each(['', 'ORDER BY c.n DESC', 'ORDER BY c.kind'])('go on after a restart: %s', async (order) => {
    const found = await pages(`SELECT VALUE c.n FROM c ${order}`, 100, async (page) => {
      if (page !== 1) return
      client.dispose()
      await cosmos.close()
      await start()
    })
    expect(found.flat().toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 250 }, (_, i) => i),
    )
  })

  it('miss nothing and give nothing twice while documents come and go', async () => {
    const found = await pages('SELECT VALUE c.id FROM c WHERE c.n >= 0 ORDER BY c.n', 50, async (page) => {
      await many().items.create({ id: `new${page}`, n: page })
      await many()
        .item(`new${page - 1}`, `new${page - 1}`)
        .delete()
        .catch(() => undefined)
    })
    const ids = found.flat().filter((id) => !String(id).startsWith('new'))
    expect(ids).toHaveLength(250)
    expect(new Set(ids).size).toBe(250)
    for (const id of await ask('SELECT VALUE c.id FROM c WHERE STARTSWITH(c.id, "new")', {}, many()))
      await many().item(id, id).delete()
  })

  it('come by the asynchronous iterator', async () => {
    const sizes: number[] = []
    for await (const { resources } of many()
      .items.query('SELECT * FROM c', { maxItemCount: 60 })
      .getAsyncIterator())
      if (resources.length) sizes.push(resources.length)
    expect(sizes).toEqual([60, 60, 60, 60, 10])
  })

  it('are refused with a token of another query, or of none', async () => {
    const first = await many().items.query('SELECT * FROM c', { maxItemCount: 1 }).fetchNext()
    for (const [query, continuationToken] of [
      ['SELECT c.id FROM c', first.continuationToken],
      ['SELECT * FROM c', 'nonsense'],
    ] as const) {
      const answer = many()
        .items.query(query, { continuationToken: continuationToken as string })
        .fetchNext()
      await expect(answer).rejects.toMatchObject({ code: 400 })
    }
  })

  // As the change feed in both SDKs: "The continuation token is not for the current container definition".
  it.each(['', ' ORDER BY c.n', ' GROUP BY c.id, c.n'])(
    'are refused with a token of an earlier container of this name:%s',
    async (end) => {
      const database = client.database('db')
      const make = async () => {
        const definition = { id: 'anew', partitionKey: '/pk' }
        const { container } = await database.containers.createIfNotExists(definition)
        for (const id of ['a', 'b', 'c']) await container.items.upsert({ id, pk: 'p', n: 1 })
        return container
      }
      const query = `SELECT c.id, c.n FROM c${end}`
      const options = { maxItemCount: 1 }
      const { continuationToken } = await (await make()).items.query(query, options).fetchNext()
      expect(continuationToken).toBeTruthy()
      await database.container('anew').delete()
      const anew = await make()
      const answer = anew.items.query(query, { ...options, continuationToken: continuationToken as string })
      await expect(answer.fetchNext()).rejects.toMatchObject({ code: 400 })
      await anew.delete()
    },
  )
})

describe('a query costs what it reads', () => {
  const charge = async (query: string) =>
    (await client.database('db').container('many').items.query(query, { maxItemCount: 1000 }).fetchAll())
      .requestCharge

  it('a little for a little, more for all', async () => {
    const one = await charge('SELECT * FROM c WHERE c.id = "d100"')
    const all = await charge('SELECT * FROM c')
    expect(one).toBeGreaterThanOrEqual(2)
    expect(one).toBeLessThan(4)
    expect(all).toBeGreaterThan(one * 2)
    expect(await charge('SELECT * FROM c WHERE c.n = 7')).toBeLessThan(4)
  })
})
