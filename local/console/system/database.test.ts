/** The console's look into the local Cosmos DB: at what may be seen, and while it is away. */
import { CosmosClient } from '@azure/cosmos'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cosmos, startCosmos } from '../../cosmos/index.ts'
import { DatabaseReader } from './database.ts'

let cosmos: Cosmos
let reader: DatabaseReader
beforeAll(async () => {
  const container = (id: string) => ({ id, partitionKey: { paths: ['/id'], kind: 'Hash', version: 2 } })
  cosmos = await startCosmos({
    port: 0,
    databases: [{ id: 'store', containers: [container('orders'), container('secrets')] }],
  })
  reader = new DatabaseReader(cosmos.connectionString, 'store')
  const client = new CosmosClient(cosmos.connectionString)
  for (const id of ['orders', 'secrets'])
    await client
      .database('store')
      .container(id)
      .items.create({ id: 'one', value: `of ${id}` })
  client.dispose()
})
afterAll(() => cosmos.close())

test('documents are found by any text in them', async () => {
  expect((await reader.documents('orders', 'OF ord')).documents).toMatchObject([{ value: 'of orders' }])
  expect(await reader.documents('orders', 'nothing')).toEqual({ documents: [], searched: 1 })
})

test.each([
  ['secrets', 403],
  ['secrets/', 404],
  ['/secrets', 404],
  ['secrets/docs', 404],
  ['./secrets', 404],
  ['orders/../secrets', 404],
  ['secrets?', 404],
  ['secrets#', 404],
  ['nothing', 404],
  ['', 404],
])('the container "%s" is refused with %i', async (id, status) => {
  await expect(reader.documents(id, '')).rejects.toMatchObject({ status })
  expect(await reader.containers()).toContainEqual({ id: 'secrets', documents: null })
})

test('one that is away is told of as such', async () => {
  const away = new DatabaseReader('AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5;', 'store')
  await expect(away.containers()).rejects.toMatchObject({
    status: 503,
    message: expect.stringContaining('Cosmos DB does not answer'),
  })
  const elsewhere = new DatabaseReader(
    'AccountEndpoint=https://store.documents.azure.com/;AccountKey=a2V5;',
    'store',
  )
  await expect(elsewhere.containers()).rejects.toMatchObject({
    status: 503,
    message: expect.stringContaining('another database'),
  })
})
