/** What the local cloud keeps between two starts. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CosmosClient } from '@azure/cosmos'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startLocalCloud } from './cloud.ts'
import { DataInUseError, deleteData, openData } from './data.ts'

let parent: string
let folder: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'data-'))
  folder = join(parent, 'data')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const content = () => join(folder, 'cosmos', 'file')
const fill = () => {
  mkdirSync(join(folder, 'cosmos'), { recursive: true })
  writeFileSync(content(), 'kept')
}

test('what is there stays there, until it is asked to go', () => {
  openData(folder).close()
  fill()
  const again = openData(folder)
  expect(again).toMatchObject({ isKept: true, setAside: undefined })
  again.close()
  expect(readFileSync(content(), 'utf8')).toBe('kept')
  const fresh = openData(folder, { fresh: true })
  expect(fresh.isKept).toBe(false)
  fresh.close()
  expect(existsSync(content())).toBe(false)
})

test('a second start says that the folder is in use, and a reset leaves it alone', () => {
  const first = openData(folder)
  fill()
  expect(() => openData(folder)).toThrow(/runs on .*data already.*--in-memory/)
  expect(() => openData(folder, { fresh: true })).toThrow(DataInUseError)
  expect(() => deleteData(folder)).toThrow(DataInUseError)
  expect(readFileSync(content(), 'utf8')).toBe('kept')
  first.close()
  deleteData(folder)
  expect(existsSync(folder)).toBe(false)
})

test.each([0, 99])('what a version of format %i left is set aside whole', (other) => {
  openData(folder).close()
  fill()
  const database = new DatabaseSync(join(folder, 'local-cloud.db'))
  database.exec(`PRAGMA user_version = ${other}`)
  database.close()
  const { setAside, isKept, close } = openData(folder)
  close()
  expect([setAside, isKept]).toEqual([`${folder}-format-${other}`, false])
  expect(readFileSync(join(setAside ?? '', 'cosmos', 'file'), 'utf8')).toBe('kept')
  expect(existsSync(content())).toBe(false)
})

test('the parts of the cloud find their data again', async () => {
  const picture = async (account: string, blob: 'write' | 'read') => {
    const { BlobServiceClient } = await import('@azure/storage-blob')
    const pictures = BlobServiceClient.fromConnectionString(account).getContainerClient('pictures')
    if (blob === 'read') return (await pictures.getBlockBlobClient('1').downloadToBuffer()).toString()
    await pictures.createIfNotExists()
    await pictures.getBlockBlobClient('1').upload('picture', 7)
  }
  const start = () => startLocalCloud({ parts: ['cosmos', 'blob'], dataFolder: folder })
  const ordersOf = (connection = '') => new CosmosClient(connection).database('store').container('orders')
  const first = await start()
  await ordersOf(first.settings.CosmosConnection).items.create({ id: 'kept', state: 'placed' })
  await picture(first.settings.AzureWebJobsStorage ?? '', 'write')
  await first.stop()
  const second = await start()
  try {
    const { resource } = await ordersOf(second.settings.CosmosConnection).item('kept', 'kept').read()
    expect(resource).toMatchObject({ id: 'kept', state: 'placed' })
    expect(await picture(second.settings.AzureWebJobsStorage ?? '', 'read')).toBe('picture')
  } finally {
    await second.stop()
  }
})
