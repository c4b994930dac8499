/** The local Cosmos DB under many documents. */
import { CosmosClient } from '@azure/cosmos'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalCloud, startLocalCloud } from './cloud.ts'

let cloud: LocalCloud
beforeAll(async () => {
  cloud = await startLocalCloud({ parts: ['cosmos'] })
})
afterAll(() => cloud.stop())

test('twenty thousand orders keep neither a query nor a read beside it waiting', async () => {
  const connection = cloud.settings.CosmosConnection ?? ''
  const orders = new CosmosClient(connection).database('store').container('orders')
  const order = (index: number) => ({
    id: `order-${index}`,
    state: index % 100 ? 'complete' : 'pending',
    createdAt: new Date(index * 1000).toISOString(),
  })
  for (let first = 0; first < 20_000; first += 100) {
    const created = await orders.items.bulk(
      Array.from({ length: 100 }, (_, n) => {
        const resourceBody = order(first + n)
        return { operationType: 'Create', resourceBody, partitionKey: resourceBody.id }
      }),
    )
    expect(created.every(({ statusCode }) => statusCode === 201)).toBe(true)
  }

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
