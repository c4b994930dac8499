import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CosmosClient } from '@azure/cosmos'
import { afterAll, beforeAll, expect, it } from 'vitest'
import cosmosJson from '../../../infra/cosmos.json' with { type: 'json' }
import { emulatorKey, startCosmos } from '../index.ts'
import { Catalogue } from '../resources/catalogue.ts'
import { Store } from '../storage/store.ts'

let folder: string
let cosmos: Awaited<ReturnType<typeof startCosmos>>
const order = (index: number) => ({
  id: `order-${index}`,
  state: index % 100 ? 'complete' : 'pending',
  createdAt: new Date(index * 1000).toISOString(),
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cosmos-'))
  const databases = [{ id: 'store', containers: cosmosJson.containers }]
  await (await startCosmos({ port: 0, dataDir: folder, databases })).close()
  fill()
  cosmos = await startCosmos({ port: 0, dataDir: folder, databases })
})
afterAll(async () => {
  await cosmos.close()
  await rm(folder, { recursive: true, force: true })
})

/** Twenty thousand orders, written by what the server writes with: through HTTP that alone would take the longest. */
function fill() {
  const store = new Store(folder)
  const { documents } = new Catalogue(store).container('store', 'orders')
  for (let index = 0; index < 20_000; index++) documents.create([`order-${index}`], order(index))
  store.close()
}

it('twenty thousand orders keep neither a query nor a read beside it waiting', async () => {
  const orders = new CosmosClient({ endpoint: cosmos.endpoint, key: emulatorKey })
    .database('store')
    .container('orders')
  // Each look of the store at its orders takes some 11 s where the server copies an array for every document: then
  // twenty do not end before the test's deadline.
  for (let look = 0; look < 20; look++) {
    const [waiting, one] = await Promise.all([
      orders.items
        .query("SELECT TOP 50 * FROM c WHERE c.state = 'pending' ORDER BY c.createdAt ASC")
        .fetchAll(),
      orders.item('order-19999', 'order-19999').read(),
    ])
    expect(waiting.resources.map(({ id }) => id)).toEqual(
      Array.from({ length: 50 }, (_, n) => `order-${n * 100}`),
    )
    expect(one.resource).toMatchObject(order(19_999))
  }
})
