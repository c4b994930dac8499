import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CosmosClient } from '@azure/cosmos'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emulatorKey, startCosmos } from '../index.ts'
import { killUnderLoad } from './kill.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cosmos-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const databases = [{ id: 'd', containers: [{ id: 'c', partitionKey: { paths: ['/pk'] } }] as never }]
const clientOf = (endpoint: string) => new CosmosClient({ endpoint, key: emulatorKey })

it('what was written is there after a restart: documents, indexes, ETags, and the place in a query and in the feed', async () => {
  let cosmos = await startCosmos({ port: 0, dataDir: folder, databases })
  let container = clientOf(cosmos.endpoint).database('d').container('c')
  for (let n = 0; n < 20; n++) await container.items.create({ id: `${n}`, pk: 'p', n })
  const before = (await container.item('7', 'p').read()).resource
  const query = 'SELECT VALUE c.n FROM c ORDER BY c.n'
  const { continuationToken } = await container.items.query(query, { maxItemCount: 5 }).fetchNext()
  await cosmos.close()

  cosmos = await startCosmos({ port: 0, dataDir: folder, databases })
  container = clientOf(cosmos.endpoint).database('d').container('c')
  expect((await container.item('7', 'p').read()).resource).toEqual(before)
  const rest = await container.items
    .query(query, { maxItemCount: 50, continuationToken: continuationToken as string })
    .fetchNext()
  expect(rest.resources).toEqual(Array.from({ length: 15 }, (_, n) => n + 5))
  const { resource } = await container.items.create({ id: 'new', pk: 'p' })
  expect(resource?._rid).not.toBe(before._rid)
  await cosmos.close()
})

it('a second server on the same folder says that there is a first', async () => {
  const cosmos = await startCosmos({ port: 0, dataDir: folder })
  await expect(startCosmos({ port: 0, dataDir: folder })).rejects.toThrow(/Another Cosmos DB uses the folder/)
  await cosmos.close()
  await (await startCosmos({ port: 0, dataDir: folder })).close()
})

it('a container that is wanted with another partition key than it is kept with is refused in words', async () => {
  const containers = (path: string) => [{ id: 'c', partitionKey: { paths: [path] } }] as never
  const startWith = (path: string) =>
    startCosmos({ port: 0, dataDir: folder, databases: [{ id: 'd', containers: containers(path) }] })
  await (await startWith('/pk')).close()
  await expect(startWith('/other')).rejects.toThrow(
    /container c is kept otherwise than it is wanted: .*partition key.* Begin anew .*--fresh/,
  )
  await (await startWith('/pk')).close()
})

it('a start that wants what is kept writes nothing: containers keep their ETags', async () => {
  const containers = [
    { id: 'plain', partitionKey: { paths: ['/pk'] } },
    {
      id: 'expiring',
      partitionKey: { paths: ['/pk'] },
      defaultTtl: 60,
      indexingPolicy: { includedPaths: [{ path: '/*' }] },
    },
  ]
  const start = (wanted: object[]) =>
    startCosmos({ port: 0, dataDir: folder, databases: [{ id: 'd', containers: wanted as never }] })
  const etagsOf = async ({ endpoint }: { endpoint: string }) => {
    const { resources } = await clientOf(endpoint).database('d').containers.readAll().fetchAll()
    return resources.map(({ _etag }) => _etag)
  }
  const first = await start(containers)
  const etags = await etagsOf(first)
  await first.close()
  const second = await start(containers)
  expect((await stat(join(folder, 'cosmos.db-wal'))).size).toBe(0)
  expect(await etagsOf(second)).toEqual(etags)
  await second.close()
  const { defaultTtl: _, ...lasting } = containers[1] as { defaultTtl?: number }
  const third = await start([containers[0] as object, lasting])
  const changed = await etagsOf(third)
  expect([changed[0] === etags[0], changed[1] === etags[1]]).toEqual([true, false])
  await third.close()
})

it('what is refused at a start lets go of the folder', async () => {
  const containers = [{ id: 'c', partitionKey: { paths: ['pk'] } }] as never
  await expect(
    startCosmos({ port: 0, dataDir: folder, databases: [{ id: 'd', containers }] }),
  ).rejects.toThrow(/partition key path/)
  await (await startCosmos({ port: 0, dataDir: folder })).close()
})

it('a folder of a newer version is refused in words, and stays as it is', async () => {
  await (await startCosmos({ port: 0, dataDir: folder })).close()
  const database = new DatabaseSync(join(folder, 'cosmos.db'))
  database.exec('PRAGMA user_version = 99')
  database.close()
  await expect(startCosmos({ port: 0, dataDir: folder })).rejects.toThrow(/newer version \(format 99/)
})

it('no acknowledged write is lost by SIGKILL, and a batch is there whole or not at all', async () => {
  const { acknowledged, lost, torn } = await killUnderLoad({ folder, kills: 2, writes: 20 })
  expect(acknowledged).toBeGreaterThanOrEqual(20)
  expect(lost).toEqual([])
  expect(torn).toEqual([])
}, 120_000)
