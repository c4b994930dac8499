import { request } from 'node:http'
import { expect, it } from 'vitest'
import { send, serve, signed } from './client.ts'

// What no SDK sends: the server answers or hangs up, goes on for others, and keeps nothing of it.

const server = serve()

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

it('random requests are refused with 4xx, and never end the server', async () => {
  const { id } = await server.container()
  const random = randomFrom(11)
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const flags = [
    'x-ms-documentdb-isquery',
    'x-ms-cosmos-is-query-plan-request',
    'x-ms-cosmos-is-batch-request',
    'x-ms-cosmos-batch-atomic',
    'x-ms-documentdb-is-upsert',
    'x-ms-documentdb-query-enablecrosspartition',
  ]
  const values: Record<string, string[]> = {
    'x-ms-documentdb-partitionkey': ['["p"]', '[]', '[{}]', '{', '[[1]]', '["p","q"]', 'null'],
    'x-ms-continuation': ['x', '-1', '9'.repeat(40), 'eyJhIjoxfQ'],
    'x-ms-max-item-count': ['-1', '0', '1e9', 'x', '1.5'],
    'x-ms-session-token': ['0:1#2', 'x', ':::', ''],
    'if-match': ['*', 'x', '""'],
    'a-im': ['Incremental feed', 'x'],
    'if-none-match': ['*', '"5"', 'x'],
    'x-ms-start-epk': ['', 'AA', 'zz'],
    'x-ms-documentdb-partitionkeyrangeid': ['0', '7', 'x'],
  }
  const bodies = [
    '',
    '{',
    'null',
    '[]',
    '[null]',
    '{"query":1}',
    '{"query":"SELECT"}',
    '{"query":"SELECT * FROM c","parameters":[1]}',
    '{"operations":[{}]}',
    '[{"operationType":"Create"}]',
    '"x"',
    '\u0000',
    '{"id":"a","pk":"p"}',
    '{"id":{}}',
  ]
  const paths = [
    'dbs',
    'dbs/tests',
    `dbs/tests/colls`,
    `dbs/tests/colls/${id}`,
    `dbs/tests/colls/${id}/docs`,
    `dbs/tests/colls/${id}/docs/a`,
    `dbs/tests/colls/${id}/pkranges`,
    `dbs/tests/colls/${id}/sprocs`,
    'offers',
    'offers/x',
    'x/y',
    `dbs/tests/colls/${id}/docs/a/b`,
  ]
  for (let n = 0; n < 1500; n++) {
    const method = pick(['GET', 'POST', 'PUT', 'PATCH'])
    const headers: Record<string, string> = {}
    for (const flag of flags) if (random() < 0.25) headers[flag] = 'true'
    for (const [name, list] of Object.entries(values)) if (random() < 0.3) headers[name] = pick(list)
    const path = pick(paths)
    const answer = await send(server.cosmos, method, path, {
      headers,
      ...(method !== 'GET' && { body: pick(bodies) }),
    })
    await answer.arrayBuffer()
    expect(answer.status, `${method} ${path} ${JSON.stringify(headers)}`).toBeLessThan(500)
  }
  expect((await server.database.container(id).read()).statusCode).toBe(200)
})

it('requests that end half-way leave nothing', async () => {
  const { id, items } = await server.container()
  const path = `dbs/tests/colls/${id}/docs`
  const body = '{"id":"half","pk":"p"}'
  const headers = { ...signed('POST', path), 'x-ms-documentdb-partitionkey': '["p"]' }
  for (let n = 0; n < 50; n++) {
    const half = request(`${server.cosmos.endpoint}/${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-length': body.length + 1 + n },
    })
    half.on('error', () => {})
    half.write(body)
    await new Promise((resolve) => setTimeout(resolve, 5))
    half.destroy()
  }
  expect((await items.readAll().fetchAll()).resources).toEqual([])
  // Whole, it is taken.
  expect((await send(server.cosmos, 'POST', path, { headers, body })).status).toBe(201)
})

it('a request of many megabytes is refused, and does not grow the server', async () => {
  const { id } = await server.container()
  const before = process.memoryUsage().rss
  for (let n = 0; n < 5; n++) {
    const answer = await send(server.cosmos, 'POST', `dbs/tests/colls/${id}/docs`, {
      body: 'x'.repeat(20 * 1024 * 1024),
    })
    expect(answer.status).toBe(413)
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024)
})
