import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Document } from '../query/source.ts'
import { Catalogue } from '../resources/catalogue.ts'
import { Store } from '../storage/store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cosmos-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const definition = { id: 'c', partitionKey: { paths: ['/pk'] }, indexingPolicy: undefined }
const document = (id: string, more: object = {}) => ({ id, pk: 'p', ...more })
const committed = (store: Store) =>
  new Promise<Error | undefined>((resolve) => store.afterCommit((error) => resolve(error)))

/** The database may not grow: what SQLite says then is what it says on a full disk. */
function fill(store: Store): () => void {
  const limit = (pages: number) => store.prepare(`PRAGMA max_page_count = ${pages}`).get()
  limit(1)
  return () => limit(2 ** 31)
}

it('a full disk refuses what it cannot keep, keeps what it has, and goes on once there is room', async () => {
  const store = new Store(folder)
  const catalogue = new Catalogue(store)
  catalogue.createDatabase({ id: 'd' })
  const { documents } = catalogue.createContainer('d', definition)
  documents.create(['p'], document('kept', { n: 1 }))
  expect(await committed(store)).toBe(undefined)

  catalogue.createContainer('d', { ...definition, id: 'same turn' })
  const lift = fill(store)
  const attempt = () =>
    store.atomically(() => documents.create(['p'], document('big', { text: 'x'.repeat(1_500_000) })))
  expect(attempt).toThrow(/full/)
  expect(() => store.atomically(() => documents.create(['p'], document('same turn')))).toThrow(/full/)
  expect((await committed(store))?.message).toMatch(/full/)

  lift()
  expect(catalogue.findContainer('d', 'same turn')).toBe(undefined)
  const again = catalogue.container('d', 'c').documents
  const kept = JSON.parse(again.read(['p'], 'kept').text as string) as Document
  expect(kept.n).toBe(1)
  expect(() => again.read(['p'], 'big')).toThrow(/does not exist/)
  expect(() => again.read(['p'], 'same turn')).toThrow(/does not exist/)
  expect(again.create(['p'], document('later')).status).toBe(201)
  expect(await committed(store)).toBe(undefined)
  store.close()
})
