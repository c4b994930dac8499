import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { CosmosClient } from '@azure/cosmos'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { emulatorKey, startCosmos } from '../index.ts'

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

it('a folder of a newer version is refused in words, and stays as it is', async () => {
  await (await startCosmos({ port: 0, dataDir: folder })).close()
  const database = new DatabaseSync(join(folder, 'cosmos.db'))
  database.exec('PRAGMA user_version = 99')
  database.close()
  await expect(startCosmos({ port: 0, dataDir: folder })).rejects.toThrow(/newer version \(format 99/)
})

it('no acknowledged write is lost by SIGKILL, and a batch is there whole or not at all', async () => {
  let acknowledged = 0
  const ids = new Set<string>()
  for (let round = 0; round < 4; round++) {
    const server = await start()
    const client = clientOf(server.url)
    const { items } = client.database('d').container('c')
    let running = true
    const write = async (worker: number) => {
      for (let n = 0; running; n++) {
        const id = `${round}-${worker}-${n}`
        try {
          if (n % 2) await items.create({ id, pk: 'p' })
          else
            await items.batch(
              ['a', 'b', 'c'].map((part) => ({
                operationType: 'Create' as const,
                resourceBody: { id: `${id}-${part}`, pk: 'p' },
              })),
              'p',
            )
          ids.add(id)
          acknowledged++
        } catch {
          return
        }
      }
    }
    const writers = Array.from({ length: 8 }, (_, worker) => write(worker))
    await new Promise((resolve) => setTimeout(resolve, 700 + round * 130))
    server.child.kill('SIGKILL')
    await server.ended
    running = false
    client.dispose()
    await Promise.allSettled(writers)
  }
  const server = await start()
  const { items } = clientOf(server.url).database('d').container('c')
  const kept = new Set(
    (await items.query<string>('SELECT VALUE c.id FROM c', { maxItemCount: 1000 }).fetchAll()).resources,
  )
  expect(acknowledged).toBeGreaterThan(20)
  for (const id of ids)
    expect(kept.has(id) || ['a', 'b', 'c'].every((part) => kept.has(`${id}-${part}`)), id).toBe(true)
  const batches = new Set([...kept].filter((id) => /-[abc]$/.test(id)).map((id) => id.slice(0, -2)))
  for (const id of batches)
    expect(
      ['a', 'b', 'c'].every((part) => kept.has(`${id}-${part}`)),
      id,
    ).toBe(true)
  server.child.kill('SIGKILL')
  await server.ended
}, 120_000)

async function start() {
  const path = fileURLToPath(new URL('process.ts', import.meta.url))
  const child = spawn(process.execPath, [path, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', () => reject(new Error('The server did not start.')))
  })
  return { child, url, ended }
}
